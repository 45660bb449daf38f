// Package app is the contract on Macaron.
package app

import (
	"io"
	"net/http"

	"gopkg.in/macaron.v1"

	"bench.lab/kit"
)

const plain = "text/plain; charset=utf-8"

// New returns the application: macaron.Classic without what would log every request and look
// for a file first.
func New(options kit.Options) *macaron.Macaron {
	macaron.Env = macaron.PROD
	m := macaron.New()
	m.Use(macaron.Recovery())
	if options.Spin > 0 {
		m.Use(func(ctx *macaron.Context) { kit.Spin(options.Spin) })
	}
	for range options.Middleware {
		m.Use(func(ctx *macaron.Context) { ctx.Next() })
	}
	// ctx.JSON and ctx.RawData come from the renderer.
	m.Use(macaron.Renderer())

	m.Get("/plaintext", plaintext)
	m.Get("/json", message)
	m.Get("/user/:id/post/:slug", userPost)
	m.Post("/echo", echo)
	m.Get("/blob", blob)
	for _, route := range options.Routes {
		m.Get(route.Path, func(ctx *macaron.Context) string { return text(ctx, route.Body) })
	}
	return m
}

func plaintext(ctx *macaron.Context) string {
	return text(ctx, kit.Plaintext)
}

// text names the charset, which ctx.PlainText leaves out. Macaron writes what a handler
// returns.
func text(ctx *macaron.Context, body string) string {
	ctx.Header().Set("Content-Type", plain)
	return body
}

func message(ctx *macaron.Context) {
	ctx.JSON(http.StatusOK, kit.Message())
}

func userPost(ctx *macaron.Context) string {
	return text(ctx, ctx.Params("id")+"/"+ctx.Params("slug"))
}

func echo(ctx *macaron.Context) {
	body, err := io.ReadAll(http.MaxBytesReader(ctx.Resp, ctx.Req.Request.Body, kit.EchoLimit))
	if err != nil {
		ctx.Error(http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	ctx.RawData(http.StatusOK, body)
}

func blob(ctx *macaron.Context) {
	ctx.RawData(http.StatusOK, kit.Blob())
}
