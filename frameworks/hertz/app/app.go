// Package app is the contract on Hertz.
package app

import (
	"context"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/app/server/render"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/protocol/consts"

	"bench.lab/kit"
)

const binary = "application/octet-stream"

// New returns the application. Hertz takes its listener as a further option. server.Default
// is Hertz with a middleware that recovers from panics.
func New(options kit.Options, more ...config.Option) *server.Hertz {
	hlog.SetLevel(hlog.LevelFatal)
	render.ResetStdJSONMarshal()
	h := server.Default(append(more, server.WithHandleMethodNotAllowed(true), server.WithDisablePrintRoute(true))...)

	if options.Spin > 0 {
		h.Use(func(ctx context.Context, c *app.RequestContext) { kit.Spin(options.Spin) })
	}
	for range options.Middleware {
		h.Use(func(ctx context.Context, c *app.RequestContext) { c.Next(ctx) })
	}

	h.GET("/plaintext", plaintext)
	h.GET("/json", message)
	h.GET("/user/:id/post/:slug", userPost)
	h.POST("/echo", echo)
	h.GET("/blob", blob)
	for _, route := range options.Routes {
		h.GET(route.Path, func(ctx context.Context, c *app.RequestContext) { c.String(consts.StatusOK, route.Body) })
	}
	return h
}

func plaintext(ctx context.Context, c *app.RequestContext) {
	c.String(consts.StatusOK, kit.Plaintext)
}

func message(ctx context.Context, c *app.RequestContext) {
	c.JSON(consts.StatusOK, kit.Message())
}

// userPost answers as the example in Hertz' documentation does. Without values to
// format, c.String writes its text as it is, percent signs included.
func userPost(ctx context.Context, c *app.RequestContext) {
	c.String(consts.StatusOK, c.Param("id")+"/"+c.Param("slug"))
}

func echo(ctx context.Context, c *app.RequestContext) {
	body, err := c.Body()
	if err != nil {
		c.AbortWithStatus(consts.StatusBadRequest)
		return
	}
	c.Data(consts.StatusOK, binary, body)
}

func blob(ctx context.Context, c *app.RequestContext) {
	c.Data(consts.StatusOK, binary, kit.Blob())
}
