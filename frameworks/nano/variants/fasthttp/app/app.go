// Package app is the contract on Nano's twin on fasthttp.
package app

import (
	"encoding/json"
	"time"

	"github.com/valyala/fasthttp"

	"bench.lab/kit"
	"bench.lab/reference/nano/fast"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *fast.App {
	app := fast.New()
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
		app.Get(route.Path, func(ctx *fasthttp.RequestCtx) { text(ctx, route.Body) })
	}
	return app
}

func plaintext(ctx *fasthttp.RequestCtx) { text(ctx, kit.Plaintext) }

func text(ctx *fasthttp.RequestCtx, body string) {
	ctx.SetContentType(plain)
	ctx.SetBodyString(body)
}

func message(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType("application/json")
	json.NewEncoder(ctx).Encode(kit.Message())
}

func userPost(ctx *fasthttp.RequestCtx) {
	text(ctx, fast.Param(ctx, "id")+"/"+fast.Param(ctx, "slug"))
}

func echo(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType(binary)
	ctx.SetBody(ctx.PostBody())
}

func blob(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType(binary)
	ctx.SetBody(kit.Blob())
}

func passThrough(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) { next(ctx) }
}

func spin(d time.Duration) fast.Middleware {
	return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			kit.Spin(d)
			next(ctx)
		}
	}
}
