// Package app is the contract on Vie.
package app

import (
	"time"

	"bench.lab/kit"
	"bench.lab/reference/vie"
)

//go:generate go run bench.lab/reference/vie/vie-gen

// New returns the application.
func New(options kit.Options, config vie.Config) *vie.App {
	config.Table = table()
	app := vie.New(config)
	if options.Spin > 0 {
		app.Use(spin(options.Spin))
	}
	for range options.Middleware {
		app.Use(passThrough)
	}
	app.Get("/plaintext", plaintext)
	app.Get("/json", message)
	app.Get("/user/{id}/post/{slug}", userPost)
	app.Post("/echo", echo)
	app.Get("/blob", blob)
	for _, route := range options.Routes {
		app.Get(route.Path, func(c *vie.Context) { c.String(route.Body) })
	}
	return app
}

func plaintext(c *vie.Context) { c.String(kit.Plaintext) }

func message(c *vie.Context) { c.JSON(kit.Message()) }

func userPost(c *vie.Context) {
	c.Write(c.Param("id"))
	c.WriteString("/")
	c.Write(c.Param("slug"))
}

func echo(c *vie.Context) { c.Bytes(vie.Binary, c.Body) }

func blob(c *vie.Context) { c.Bytes(vie.Binary, kit.Blob()) }

func passThrough(next vie.Handler) vie.Handler {
	return func(c *vie.Context) { next(c) }
}

func spin(d time.Duration) vie.Middleware {
	return func(next vie.Handler) vie.Handler {
		return func(c *vie.Context) {
			kit.Spin(d)
			next(c)
		}
	}
}
