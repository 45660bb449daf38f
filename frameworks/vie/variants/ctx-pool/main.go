// Command ctx-pool serves the contract with Vie with contexts from a pool.
package main

import (
	"bench.lab/kit"
	"bench.lab/reference/vie"
	"bench.lab/vie/app"
)

func main() {
	options := kit.Setup("vie@ctx-pool")
	config := vie.Default()
	config.Contexts = vie.Pooled
	server := app.New(options, config)
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		Shutdown: server.Shutdown,
	})
}
