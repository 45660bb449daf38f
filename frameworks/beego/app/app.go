// Package app is the contract on Beego.
package app

import (
	"io"
	"net/http"

	"github.com/beego/beego/v2/core/logs"
	"github.com/beego/beego/v2/server/web"
	"github.com/beego/beego/v2/server/web/context"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application, in the style that Beego's documentation calls functional.
func New(options kit.Options) *web.HttpServer {
	logs.SetLogger(logs.AdapterConsole, `{"level":0}`)
	server := web.NewHttpSever()
	if options.Spin > 0 {
		server.InsertFilterChain("/*", func(next web.FilterFunc) web.FilterFunc {
			return func(ctx *context.Context) {
				kit.Spin(options.Spin)
				next(ctx)
			}
		})
	}
	for range options.Middleware {
		server.InsertFilterChain("/*", passThrough)
	}

	server.Get("/plaintext", plaintext)
	server.Get("/json", message)
	server.Get("/user/:id/post/:slug", userPost)
	server.Post("/echo", echo)
	server.Get("/blob", blob)
	for _, route := range options.Routes {
		server.Get(route.Path, func(ctx *context.Context) { text(ctx, route.Body) })
	}
	return server
}

func plaintext(ctx *context.Context) {
	text(ctx, kit.Plaintext)
}

func text(ctx *context.Context, body string) {
	ctx.Output.Header("Content-Type", plain)
	ctx.Output.Body([]byte(body))
}

func message(ctx *context.Context) {
	ctx.JSONResp(kit.Message())
}

func userPost(ctx *context.Context) {
	text(ctx, ctx.Input.Param(":id")+"/"+ctx.Input.Param(":slug"))
}

func echo(ctx *context.Context) {
	body, err := io.ReadAll(http.MaxBytesReader(ctx.ResponseWriter, ctx.Request.Body, kit.EchoLimit))
	if err != nil {
		ctx.Abort(http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	ctx.Output.Header("Content-Type", binary)
	ctx.Output.Body(body)
}

func blob(ctx *context.Context) {
	ctx.Output.Header("Content-Type", binary)
	ctx.Output.Body(kit.Blob())
}

func passThrough(next web.FilterFunc) web.FilterFunc {
	return func(ctx *context.Context) { next(ctx) }
}
