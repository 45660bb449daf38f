// Package app is the contract on fasthttp/router.
package app

import (
	"encoding/json"
	"net/url"
	"time"

	"github.com/fasthttp/router"
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
	r := router.New()
	r.GET("/plaintext", plaintext)
	r.GET("/json", message)
	r.GET("/user/{id}/post/{slug}", userPost)
	r.POST("/echo", echo)
	r.GET("/blob", blob)
	for _, route := range options.Routes {
		r.GET(route.Path, func(ctx *fasthttp.RequestCtx) { text(ctx, route.Body) })
	}

	handler := r.Handler
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

// userPost decodes its parameters by itself: the router matches the path as it was sent.
func userPost(ctx *fasthttp.RequestCtx) {
	id, err := url.PathUnescape(ctx.UserValue("id").(string))
	if err != nil {
		ctx.Error(err.Error(), fasthttp.StatusBadRequest)
		return
	}
	slug, err := url.PathUnescape(ctx.UserValue("slug").(string))
	if err != nil {
		ctx.Error(err.Error(), fasthttp.StatusBadRequest)
		return
	}
	text(ctx, id+"/"+slug)
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
