package app_test

import (
	"net"
	"net/http"
	"testing"

	"github.com/kataras/iris/v12"

	"bench.lab/iris/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		return app.New(options).Run(iris.Listener(listener))
	})
}

func BenchmarkApp(b *testing.B) {
	kittest.BenchmarkHandler(b, func(options kit.Options) http.Handler {
		server := app.New(options)
		if err := server.Build(); err != nil {
			b.Fatal(err)
		}
		return server
	})
}
