// Package app is the contract on buaazp/fasthttprouter.
package app

import (
	"encoding/json"
	"time"

	"github.com/buaazp/fasthttprouter"
	"github.com/valyala/fasthttp"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application. The router has no middlewares of its own; its handler
// is wrapped like any other of fasthttp.
func New(options kit.Options) fasthttp.RequestHandler {
	router := fasthttprouter.New()
	router.GET("/plaintext", plaintext)
	router.GET("/json", message)
	router.GET("/user/:id/post/:slug", userPost)
	router.POST("/echo", echo)
	router.GET("/blob", blob)
	for _, route := range options.Routes {
		router.GET(route.Path, func(ctx *fasthttp.RequestCtx) { text(ctx, route.Body) })
	}

	handler := router.Handler
	for range options.Middleware {
		handler = passThrough(handler)
	}
	if options.Spin > 0 {
		handler = spin(handler, options.Spin)
	}
	return handler
}

func plaintext(ctx *fasthttp.RequestCtx) {
	text(ctx, kit.Plaintext)
}

func text(ctx *fasthttp.RequestCtx, body string) {
	ctx.SetContentType(plain)
	ctx.SetBodyString(body)
}

func message(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType("application/json")
	json.NewEncoder(ctx).Encode(kit.Message())
}

func userPost(ctx *fasthttp.RequestCtx) {
	text(ctx, ctx.UserValue("id").(string)+"/"+ctx.UserValue("slug").(string))
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

func spin(next fasthttp.RequestHandler, d time.Duration) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		kit.Spin(d)
		next(ctx)
	}
}
