// Package app is the contract on Fiber.
package app

import (
	"net/url"

	"github.com/gofiber/fiber/v3"

	"bench.lab/kit"
)

// New returns the application. Fiber takes a configuration, which variants change.
func New(options kit.Options, config ...fiber.Config) *fiber.App {
	app := fiber.New(config...)
	if options.Spin > 0 {
		app.Use(func(c fiber.Ctx) error {
			kit.Spin(options.Spin)
			return c.Next()
		})
	}
	for range options.Middleware {
		app.Use(func(c fiber.Ctx) error { return c.Next() })
	}

	app.Get("/plaintext", plaintext)
	app.Get("/json", message)
	app.Get("/user/:id/post/:slug", userPost)
	app.Post("/echo", echo)
	app.Get("/blob", blob)
	for _, route := range options.Routes {
		app.Get(route.Path, func(c fiber.Ctx) error { return text(c, route.Body) })
	}
	return app
}

func plaintext(c fiber.Ctx) error {
	return text(c, kit.Plaintext)
}

// text sets no type: text in UTF-8 is what Fiber's engine takes an answer for.
func text(c fiber.Ctx, body string) error {
	return c.SendString(body)
}

func message(c fiber.Ctx) error {
	return c.JSON(kit.Message())
}

// userPost decodes its parameters by itself: Fiber's UnescapePath decodes the path as
// it would a query, and so turns a plus sign into a space. Parameters point into
// the request and are only valid until the handler returns; the concatenation
// copies them.
func userPost(c fiber.Ctx) error {
	id, err := url.PathUnescape(c.Params("id"))
	if err != nil {
		return fiber.ErrBadRequest
	}
	slug, err := url.PathUnescape(c.Params("slug"))
	if err != nil {
		return fiber.ErrBadRequest
	}
	return text(c, id+"/"+slug)
}

func echo(c fiber.Ctx) error {
	return octets(c, c.BodyRaw())
}

func blob(c fiber.Ctx) error {
	return octets(c, kit.Blob())
}

func octets(c fiber.Ctx, body []byte) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
	return c.Send(body)
}
