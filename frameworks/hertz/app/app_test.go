package app_test

import (
	"context"
	"net"
	"testing"

	"github.com/cloudwego/hertz/pkg/app/server"

	"bench.lab/hertz/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		return app.New(options, server.WithListener(listener)).Run()
	})
}

func BenchmarkApp(b *testing.B) {
	kittest.Benchmark(b, func(options kit.Options, path string) func() {
		h := app.New(options)
		ctx := h.NewContext()
		return func() {
			ctx.Reset()
			ctx.Request.SetRequestURI(path)
			ctx.Request.SetMethod("GET")
			h.ServeHTTP(context.Background(), ctx)
		}
	})
}
