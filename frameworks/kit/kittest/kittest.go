// Package kittest holds the Go servers of the lab to the contract, in process, and
// measures their handlers. It is for tests only, and the one package of the kit
// that imports net/http: as a client.
package kittest

import (
	"net"
	"net/http"
	"testing"

	"bench.lab/kit"
)

// Serve starts a framework's application and serves it on a listener until the
// listener is closed.
type Serve func(options kit.Options, listener net.Listener) error

// Handler makes a Serve of a constructor that returns an http.Handler.
func Handler[H http.Handler](construct func(kit.Options) H) Serve {
	return func(options kit.Options, listener net.Listener) error {
		return http.Serve(listener, construct(options))
	}
}

// start serves the application on a free port for the duration of the test and
// returns the base of its URLs, with the client to use.
func start(t *testing.T, serve Serve, options kit.Options) (base string, client *http.Client) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go serve(options, listener)
	transport := &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		listener.Close()
	})
	return "http://" + listener.Addr().String(), &http.Client{
		Transport: transport,
		// A redirect is an answer of its own, and never the one that is expected.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
