// Command mode-pool serves the contract with Vie with 128 goroutines for handlers.
package main

import (
	"bench.lab/kit"
	"bench.lab/reference/vie"
	"bench.lab/vie/app"
)

func main() {
	options := kit.Setup("vie@mode-pool")
	config := vie.Default()
	config.Mode, config.Workers = vie.Workers, 128
	server := app.New(options, config)
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		Shutdown: server.Shutdown,
	})
}
