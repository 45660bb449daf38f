// Command goframe serves the contract with GoFrame.
package main

import (
	"context"
	"net"

	"bench.lab/goframe/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("goframe")
	server := app.New(options)
	// GoFrame starts without blocking.
	start := func(listener net.Listener) error {
		if err := server.SetListener(listener); err != nil {
			return err
		}
		if err := server.Start(); err != nil {
			return err
		}
		select {}
	}
	kit.Run(options, kit.Server{
		Serve: start,
		ServeTLS: func(listener net.Listener, certFile, keyFile string) error {
			server.SetHTTPSAddr(listener.Addr().String())
			server.EnableHTTPS(certFile, keyFile)
			return start(listener)
		},
		Shutdown: func(context.Context) error { return server.Shutdown() },
	})
}
