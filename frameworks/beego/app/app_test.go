package app_test

import (
	"net/http"
	"testing"

	"bench.lab/beego/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

// handler returns the routes behind their filters, which Beego chains when it starts.
func handler(options kit.Options) http.Handler {
	routes := app.New(options).Handlers
	routes.Init()
	return routes
}

func TestContract(t *testing.T) { kittest.Contract(t, kittest.Handler(handler)) }

func BenchmarkApp(b *testing.B) { kittest.BenchmarkHandler(b, handler) }
