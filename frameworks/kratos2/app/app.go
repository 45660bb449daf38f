// Package app is the contract on Kratos v2.
package app

import (
	"io"
	stdhttp "net/http"
	"time"

	"github.com/go-kratos/kratos/v2/log"
	"github.com/go-kratos/kratos/v2/transport/http"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application. Kratos takes its listener and its certificates as
// further options of the server.
func New(options kit.Options, more ...http.ServerOption) *http.Server {
	log.SetLogger(log.NewFilter(log.DefaultLogger, log.FilterLevel(log.LevelError)))
	server := http.NewServer(append(more, http.Filter(filters(options)...))...)

	router := server.Route("/")
	router.GET("/plaintext", plaintext)
	router.GET("/json", message)
	router.GET("/user/{id}/post/{slug}", userPost)
	router.POST("/echo", echo)
	router.GET("/blob", blob)
	for _, route := range options.Routes {
		router.GET(route.Path, func(ctx http.Context) error { return text(ctx, route.Body) })
	}
	return server
}

// filters are what Kratos calls middlewares around HTTP handlers; its Middleware wraps
// the services that its code generator makes.
func filters(options kit.Options) []http.FilterFunc {
	var all []http.FilterFunc
	if options.Spin > 0 {
		all = append(all, spin(options.Spin))
	}
	for range options.Middleware {
		all = append(all, passThrough)
	}
	return all
}

func plaintext(ctx http.Context) error {
	return text(ctx, kit.Plaintext)
}

// text names the charset, which ctx.String leaves out.
func text(ctx http.Context, body string) error {
	return ctx.Blob(stdhttp.StatusOK, plain, []byte(body))
}

func message(ctx http.Context) error {
	return ctx.JSON(stdhttp.StatusOK, kit.Message())
}

func userPost(ctx http.Context) error {
	vars := ctx.Vars()
	return text(ctx, vars.Get("id")+"/"+vars.Get("slug"))
}

func echo(ctx http.Context) error {
	body, err := io.ReadAll(stdhttp.MaxBytesReader(ctx.Response(), ctx.Request().Body, kit.EchoLimit))
	if err != nil {
		return ctx.String(stdhttp.StatusRequestEntityTooLarge, err.Error())
	}
	return ctx.Blob(stdhttp.StatusOK, binary, body)
}

func blob(ctx http.Context) error {
	return ctx.Blob(stdhttp.StatusOK, binary, kit.Blob())
}

func passThrough(next stdhttp.Handler) stdhttp.Handler {
	return stdhttp.HandlerFunc(func(w stdhttp.ResponseWriter, r *stdhttp.Request) {
		next.ServeHTTP(w, r)
	})
}

func spin(d time.Duration) http.FilterFunc {
	return func(next stdhttp.Handler) stdhttp.Handler {
		return stdhttp.HandlerFunc(func(w stdhttp.ResponseWriter, r *stdhttp.Request) {
			kit.Spin(d)
			next.ServeHTTP(w, r)
		})
	}
}
