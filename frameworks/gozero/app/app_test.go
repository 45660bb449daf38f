package app_test

import (
	"net/http"
	"testing"

	"github.com/zeromicro/go-zero/rest"

	"bench.lab/gozero/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

// handler returns the routes with all their middlewares, without the server around them.
func handler(options kit.Options) http.Handler {
	server, err := app.New(options)
	if err != nil {
		panic(err)
	}
	routes, err := rest.NewServerless(server)
	if err != nil {
		panic(err)
	}
	return http.HandlerFunc(routes.Serve)
}

func TestContract(t *testing.T) { kittest.Contract(t, kittest.Handler(handler)) }

func BenchmarkApp(b *testing.B) { kittest.BenchmarkHandler(b, handler) }
