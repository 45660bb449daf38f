// Command nbio serves the contract with nbio.
package main

import (
	"bench.lab/kit"
	"bench.lab/nbio/app"
)

func main() {
	options := kit.Setup("nbio")
	server := app.NewServer(options)
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
