// Package app is the contract on Iris.
package app

import (
	"github.com/kataras/iris/v12"
	"github.com/kataras/iris/v12/middleware/recover"

	"bench.lab/kit"
)

// New returns the application: iris.Default without what it brings for its log, the level
// "debug" and an id for each request.
func New(options kit.Options) *iris.Application {
	app := iris.New()
	app.Configure(iris.WithLogLevel("disable"), iris.WithoutStartupLog, iris.WithoutInterruptHandler,
		iris.WithFireMethodNotAllowed)
	app.UseRouter(recover.New())

	if options.Spin > 0 {
		app.Use(func(ctx iris.Context) {
			kit.Spin(options.Spin)
			ctx.Next()
		})
	}
	for range options.Middleware {
		app.Use(func(ctx iris.Context) { ctx.Next() })
	}

	app.Get("/plaintext", plaintext)
	app.Get("/json", message)
	app.Get("/user/{id}/post/{slug}", userPost)
	app.Post("/echo", iris.LimitRequestBodySize(kit.EchoLimit), echo)
	app.Get("/blob", blob)
	for _, route := range options.Routes {
		app.Get(route.Path, func(ctx iris.Context) { text(ctx, route.Body) })
	}
	return app
}

func plaintext(ctx iris.Context) {
	text(ctx, kit.Plaintext)
}

// text takes WriteString, since ctx.Text reads its first argument as a format.
func text(ctx iris.Context, body string) {
	ctx.ContentType("text/plain")
	ctx.WriteString(body)
}

func message(ctx iris.Context) {
	ctx.JSON(kit.Message())
}

func userPost(ctx iris.Context) {
	params := ctx.Params()
	text(ctx, params.Get("id")+"/"+params.Get("slug"))
}

func echo(ctx iris.Context) {
	body, err := ctx.GetBody()
	if err != nil {
		ctx.StopWithError(iris.StatusRequestEntityTooLarge, err)
		return
	}
	ctx.Binary(body)
}

func blob(ctx iris.Context) {
	ctx.Binary(kit.Blob())
}
