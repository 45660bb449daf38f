package app_test

import (
	"net"
	"testing"

	"bench.lab/goframe/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		server := app.New(options)
		if err := server.SetListener(lasting{listener}); err != nil {
			return err
		}
		return server.Start()
	})
}

// lasting is a listener whose end goes unnoticed: GoFrame ends the process when it cannot
// accept connections any more.
type lasting struct{ net.Listener }

func (l lasting) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		select {}
	}
	return connection, nil
}
