// Command gnet serves the contract with gnet.
package main

import (
	"bench.lab/gnet/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("gnet")
	server := app.NewServer(options)
	kit.Run(options, kit.Server{
		ListenAndServe: func() error { return server.Run(options.Listen) },
		Shutdown:       server.Shutdown,
	})
}
