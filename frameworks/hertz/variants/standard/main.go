// Command standard serves the contract with Hertz on the transport of Go's net package.
package main

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/network/standard"

	"bench.lab/hertz/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("hertz@standard")
	var running atomic.Pointer[server.Hertz]
	kit.Run(options, kit.Server{
		Serve: func(listener net.Listener) error {
			running.Store(app.New(options, server.WithListener(listener), server.WithTransport(standard.NewTransporter)))
			return running.Load().Run()
		},
		ServeTLS: func(net.Listener, string, string) error {
			return errors.New("TLS belongs to another comparison")
		},
		Shutdown: func(bounded context.Context) error {
			if h := running.Load(); h != nil {
				return h.Shutdown(bounded)
			}
			return nil
		},
	})
}
