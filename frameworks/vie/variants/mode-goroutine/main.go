// Command mode-goroutine serves the contract with Vie with a goroutine for each turn.
package main

import (
	"bench.lab/kit"
	"bench.lab/reference/vie"
	"bench.lab/vie/app"
)

func main() {
	options := kit.Setup("vie@mode-goroutine")
	config := vie.Default()
	config.Mode = vie.Goroutines
	server := app.New(options, config)
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		Shutdown: server.Shutdown,
	})
}
