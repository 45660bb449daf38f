package app_test

import (
	"context"
	"net"
	"testing"

	"github.com/go-kratos/kratos/v2/transport/http"

	"bench.lab/kit"
	"bench.lab/kit/kittest"
	"bench.lab/kratos2/app"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		return app.New(options, http.Listener(listener)).Start(context.Background())
	})
}

func BenchmarkApp(b *testing.B) {
	kittest.BenchmarkHandler(b, func(options kit.Options) *http.Server { return app.New(options) })
}
