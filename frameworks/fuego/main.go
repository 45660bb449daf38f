// Command fuego serves the contract with Fuego.
package main

import (
	"context"
	"net"
	"sync/atomic"

	"github.com/go-fuego/fuego"

	"bench.lab/fuego/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("fuego")
	var running atomic.Pointer[fuego.Server]
	build := func(listener net.Listener) *fuego.Server {
		running.Store(app.New(options, fuego.WithListener(listener)))
		return running.Load()
	}
	kit.Run(options, kit.Server{
		Serve: func(listener net.Listener) error { return build(listener).Run() },
		ServeTLS: func(listener net.Listener, certFile, keyFile string) error {
			return build(listener).RunTLS(certFile, keyFile)
		},
		Shutdown: func(bounded context.Context) error {
			if server := running.Load(); server != nil {
				return server.Shutdown(bounded)
			}
			return nil
		},
	})
}
