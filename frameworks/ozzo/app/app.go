// Package app is the contract on ozzo-routing.
package app

import (
	"io"
	"net/http"

	routing "github.com/go-ozzo/ozzo-routing/v2"
	"github.com/go-ozzo/ozzo-routing/v2/content"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *routing.Router {
	router := routing.New()
	if options.Spin > 0 {
		router.Use(func(c *routing.Context) error {
			kit.Spin(options.Spin)
			return nil
		})
	}
	for range options.Middleware {
		router.Use(func(c *routing.Context) error { return c.Next() })
	}

	router.Get("/plaintext", plaintext)
	router.Get("/json", content.TypeNegotiator(content.JSON), message)
	router.Get("/user/<id>/post/<slug>", userPost)
	router.Post("/echo", echo)
	router.Get("/blob", blob)
	for _, route := range options.Routes {
		router.Get(route.Path, func(c *routing.Context) error { return text(c, route.Body) })
	}
	return router
}

func plaintext(c *routing.Context) error {
	return text(c, kit.Plaintext)
}

func text(c *routing.Context, body string) error {
	c.Response.Header().Set("Content-Type", plain)
	return c.Write(body)
}

// message is serialised by the writer that the TypeNegotiator before it has chosen.
func message(c *routing.Context) error {
	return c.Write(kit.Message())
}

func userPost(c *routing.Context) error {
	return text(c, c.Param("id")+"/"+c.Param("slug"))
}

func echo(c *routing.Context) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Response, c.Request.Body, kit.EchoLimit))
	if err != nil {
		return routing.NewHTTPError(http.StatusRequestEntityTooLarge, err.Error())
	}
	return octets(c, body)
}

func blob(c *routing.Context) error {
	return octets(c, kit.Blob())
}

func octets(c *routing.Context, body []byte) error {
	c.Response.Header().Set("Content-Type", binary)
	return c.Write(body)
}
