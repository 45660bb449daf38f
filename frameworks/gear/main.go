// Command gear serves the contract with Gear.
package main

import (
	"context"
	"net"

	"bench.lab/gear/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("gear")
	server := app.New(options)
	kit.Run(options, kit.Server{
		Serve: func(listener net.Listener) error {
			return server.ServeWithContext(context.Background(), listener)
		},
		ServeTLS: func(listener net.Listener, certFile, keyFile string) error {
			return server.ServeWithContext(context.Background(), listener, certFile, keyFile)
		},
		Shutdown: func(bounded context.Context) error { return server.Close(bounded) },
	})
}
