// Package app is the contract on Rux.
package app

import (
	"io"
	"net/http"
	"net/url"

	"github.com/gookit/rux"

	"bench.lab/kit"
)

const binary = "application/octet-stream"

// New returns the application.
func New(options kit.Options) *rux.Router {
	router := rux.New(rux.HandleMethodNotAllowed, rux.UseEncodedPath)
	if options.Spin > 0 {
		router.Use(func(c *rux.Context) { kit.Spin(options.Spin) })
	}
	for range options.Middleware {
		router.Use(func(c *rux.Context) { c.Next() })
	}

	router.GET("/plaintext", plaintext)
	router.GET("/json", message)
	router.GET("/user/{id}/post/{slug}", userPost)
	router.POST("/echo", echo)
	router.GET("/blob", blob)
	for _, route := range options.Routes {
		router.GET(route.Path, func(c *rux.Context) { c.Text(http.StatusOK, route.Body) })
	}
	return router
}

func plaintext(c *rux.Context) {
	c.Text(http.StatusOK, kit.Plaintext)
}

func message(c *rux.Context) {
	c.JSON(http.StatusOK, kit.Message())
}

// userPost decodes its parameters by itself, since the router matches the encoded path. The
// server has decoded the same path before and refused what cannot be.
func userPost(c *rux.Context) {
	id, _ := url.PathUnescape(c.Param("id"))
	slug, _ := url.PathUnescape(c.Param("slug"))
	c.Text(http.StatusOK, id+"/"+slug)
}

func echo(c *rux.Context) {
	body, err := io.ReadAll(http.MaxBytesReader(c.Resp, c.Req.Body, kit.EchoLimit))
	if err != nil {
		c.AbortWithStatus(http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	c.Blob(http.StatusOK, binary, body)
}

func blob(c *rux.Context) {
	c.Blob(http.StatusOK, binary, kit.Blob())
}
