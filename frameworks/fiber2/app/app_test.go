package app_test

import (
	"net"
	"testing"

	"github.com/valyala/fasthttp"

	"bench.lab/fiber2/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		return app.New(options).Listener(listener)
	})
}

func BenchmarkApp(b *testing.B) {
	kittest.Benchmark(b, func(options kit.Options, path string) func() {
		handler := app.New(options).Handler()
		ctx := &fasthttp.RequestCtx{}
		return func() {
			ctx.Request.SetRequestURI(path)
			ctx.Response.Reset()
			handler(ctx)
		}
	})
}
