package app_test

import (
	"net"
	"net/http"
	"testing"

	"github.com/go-fuego/fuego"

	"bench.lab/fuego/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		return app.New(options, fuego.WithListener(listener)).Run()
	})
}

func BenchmarkApp(b *testing.B) {
	kittest.BenchmarkHandler(b, func(options kit.Options) *http.ServeMux { return app.New(options).Mux })
}
