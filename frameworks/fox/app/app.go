// Package app is the contract on Fox.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/fox-toolkit/fox"

	"bench.lab/kit"
)

const binary = "application/octet-stream"

// New returns the application, with the defaults that Fox recommends for production.
func New(options kit.Options) *fox.Router {
	router := fox.MustRouter(fox.DefaultOptions(), fox.WithMiddleware(middlewares(options)...))
	router.MustAdd(fox.MethodGet, "/plaintext", plaintext)
	router.MustAdd(fox.MethodGet, "/json", message)
	router.MustAdd(fox.MethodGet, "/user/{id}/post/{slug}", userPost)
	router.MustAdd(fox.MethodPost, "/echo", echo)
	router.MustAdd(fox.MethodGet, "/blob", blob)
	for _, route := range options.Routes {
		router.MustAdd(fox.MethodGet, route.Path, func(c *fox.Context) { c.String(http.StatusOK, route.Body) })
	}
	return router
}

func middlewares(options kit.Options) []fox.MiddlewareFunc {
	var all []fox.MiddlewareFunc
	if options.Spin > 0 {
		all = append(all, spin(options.Spin))
	}
	for range options.Middleware {
		all = append(all, passThrough)
	}
	return all
}

func plaintext(c *fox.Context) {
	c.String(http.StatusOK, kit.Plaintext)
}

// message uses encoding/json by itself: Fox leaves serialising to its users.
func message(c *fox.Context) {
	c.SetHeader("Content-Type", "application/json")
	json.NewEncoder(c.Writer()).Encode(kit.Message())
}

func userPost(c *fox.Context) {
	c.String(http.StatusOK, param(c, "id")+"/"+param(c, "slug"))
}

// param decodes a path parameter. Fox routes on URL.RawPath when the request has one
// and its parameters are still encoded then; without one they come from URL.Path,
// which is decoded already and must not be decoded again.
func param(c *fox.Context, name string) string {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return value
	}
	// The server has decoded the same path before and refused what cannot be.
	decoded, _ := url.PathUnescape(value)
	return decoded
}

func echo(c *fox.Context) {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer(), c.Request().Body, kit.EchoLimit))
	if err != nil {
		c.String(http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	c.Blob(http.StatusOK, binary, body)
}

func blob(c *fox.Context) {
	c.Blob(http.StatusOK, binary, kit.Blob())
}

func passThrough(next fox.HandlerFunc) fox.HandlerFunc {
	return func(c *fox.Context) { next(c) }
}

func spin(d time.Duration) fox.MiddlewareFunc {
	return func(next fox.HandlerFunc) fox.HandlerFunc {
		return func(c *fox.Context) {
			kit.Spin(d)
			next(c)
		}
	}
}
