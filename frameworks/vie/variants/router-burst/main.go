// Command router-burst serves the contract with Vie with a burst trie.
package main

import (
	"bench.lab/kit"
	"bench.lab/reference/vie"
	"bench.lab/vie/app"
)

func main() {
	options := kit.Setup("vie@router-burst")
	config := vie.Default()
	config.Router = "burst"
	server := app.New(options, config)
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		Shutdown: server.Shutdown,
	})
}
