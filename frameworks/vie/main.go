// Command vie serves the contract with Vie.
package main

import (
	"bench.lab/kit"
	"bench.lab/reference/vie"
	"bench.lab/vie/app"
)

func main() {
	options := kit.Setup("vie")
	server := app.New(options, vie.Setup("vie"))
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		Shutdown: server.Shutdown,
	})
}
