// Package app is the contract on Gear.
package app

import (
	"io"
	"net/http"

	"github.com/teambition/gear"

	"bench.lab/kit"
)

// New returns the application.
func New(options kit.Options) *gear.App {
	app := gear.New()
	app.Set(gear.SetEnv, "production")
	if options.Spin > 0 {
		app.Use(func(ctx *gear.Context) error {
			kit.Spin(options.Spin)
			return nil
		})
	}
	for range options.Middleware {
		app.Use(func(ctx *gear.Context) error { return nil })
	}

	router := gear.NewRouter()
	router.Get("/plaintext", plaintext)
	router.Get("/json", message)
	router.Get("/user/:id/post/:slug", userPost)
	router.Post("/echo", echo)
	router.Get("/blob", blob)
	for _, route := range options.Routes {
		router.Get(route.Path, func(ctx *gear.Context) error { return text(ctx, route.Body) })
	}
	app.UseHandler(router)
	app.Use(func(ctx *gear.Context) error { return gear.ErrNotFound })
	return app
}

func plaintext(ctx *gear.Context) error {
	return text(ctx, kit.Plaintext)
}

func text(ctx *gear.Context, body string) error {
	ctx.Type(gear.MIMETextPlainCharsetUTF8)
	return ctx.End(http.StatusOK, []byte(body))
}

func message(ctx *gear.Context) error {
	return ctx.OkJSON(kit.Message())
}

func userPost(ctx *gear.Context) error {
	return text(ctx, ctx.Param("id")+"/"+ctx.Param("slug"))
}

func echo(ctx *gear.Context) error {
	body, err := io.ReadAll(http.MaxBytesReader(ctx.Res, ctx.Req.Body, kit.EchoLimit))
	if err != nil {
		return gear.ErrRequestEntityTooLarge.From(err)
	}
	return octets(ctx, body)
}

func blob(ctx *gear.Context) error {
	return octets(ctx, kit.Blob())
}

func octets(ctx *gear.Context, body []byte) error {
	ctx.Type(gear.MIMEOctetStream)
	return ctx.End(http.StatusOK, body)
}
