// Command hertz serves the contract with Hertz on its default transport, netpoll.
package main

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"github.com/cloudwego/hertz/pkg/app/server"

	"bench.lab/hertz/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("hertz")
	var running atomic.Pointer[server.Hertz]
	kit.Run(options, kit.Server{
		Serve: func(listener net.Listener) error {
			running.Store(app.New(options, server.WithListener(listener)))
			return running.Load().Run()
		},
		ServeTLS: func(net.Listener, string, string) error {
			return errors.New("the transport netpoll has no TLS")
		},
		Shutdown: func(bounded context.Context) error {
			if h := running.Load(); h != nil {
				return h.Shutdown(bounded)
			}
			return nil
		},
	})
}
