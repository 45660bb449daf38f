package app_test

import (
	"net"
	"testing"

	"github.com/valyala/fasthttp"

	"bench.lab/buaazp/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		return fasthttp.Serve(listener, app.New(options))
	})
}

func BenchmarkApp(b *testing.B) {
	kittest.Benchmark(b, func(options kit.Options, path string) func() {
		handler := app.New(options)
		ctx := &fasthttp.RequestCtx{}
		return func() {
			ctx.Request.SetRequestURI(path)
			ctx.Response.Reset()
			handler(ctx)
		}
	})
}
