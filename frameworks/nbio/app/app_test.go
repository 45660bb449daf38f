package app_test

import (
	"net"
	"testing"

	"bench.lab/kit"
	"bench.lab/kit/kittest"
	"bench.lab/nbio/app"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		return app.NewServer(options).Serve(listener)
	})
}
