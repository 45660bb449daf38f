package app_test

import (
	"net"
	"testing"

	"bench.lab/atreugo/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		return app.New(options).Serve(listener)
	})
}
