// Command echo4 serves the contract with Echo v4.
package main

import (
	"net"

	"bench.lab/echo4/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("echo4")
	server := app.New(options)
	kit.Run(options, kit.Server{
		Serve: func(listener net.Listener) error {
			server.Listener = listener
			return server.Start("")
		},
		ServeTLS: func(listener net.Listener, certFile, keyFile string) error {
			return server.TLSServer.ServeTLS(listener, certFile, keyFile)
		},
		Shutdown: server.Shutdown,
	})
}
