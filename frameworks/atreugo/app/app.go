// Package app is the contract on Atreugo.
package app

import (
	"io"
	"log"
	"net/url"

	"github.com/savsgio/atreugo/v11"

	"bench.lab/kit"
)

// New returns the application.
func New(options kit.Options) *atreugo.Atreugo {
	server := atreugo.New(atreugo.Config{Logger: log.New(io.Discard, "", 0)})
	if options.Spin > 0 {
		server.UseBefore(func(ctx *atreugo.RequestCtx) error {
			kit.Spin(options.Spin)
			return ctx.Next()
		})
	}
	for range options.Middleware {
		server.UseBefore(func(ctx *atreugo.RequestCtx) error { return ctx.Next() })
	}

	server.GET("/plaintext", plaintext)
	server.GET("/json", message)
	server.GET("/user/{id}/post/{slug}", userPost)
	server.POST("/echo", echo)
	server.GET("/blob", blob)
	for _, route := range options.Routes {
		server.GET(route.Path, func(ctx *atreugo.RequestCtx) error { return ctx.TextResponse(route.Body) })
	}
	return server
}

func plaintext(ctx *atreugo.RequestCtx) error {
	return ctx.TextResponse(kit.Plaintext)
}

func message(ctx *atreugo.RequestCtx) error {
	return ctx.JSONResponse(kit.Message())
}

// userPost decodes its parameters by itself: the router matches the path as it was sent.
func userPost(ctx *atreugo.RequestCtx) error {
	id, err := url.PathUnescape(ctx.UserValue("id").(string))
	if err != nil {
		return ctx.ErrorResponse(err, 400)
	}
	slug, err := url.PathUnescape(ctx.UserValue("slug").(string))
	if err != nil {
		return ctx.ErrorResponse(err, 400)
	}
	return ctx.TextResponse(id + "/" + slug)
}

func echo(ctx *atreugo.RequestCtx) error {
	return ctx.RawResponseBytes(ctx.PostBody())
}

func blob(ctx *atreugo.RequestCtx) error {
	return ctx.RawResponseBytes(kit.Blob())
}
