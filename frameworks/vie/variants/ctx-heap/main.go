// Command ctx-heap serves the contract with Vie with contexts on the heap.
package main

import (
	"bench.lab/kit"
	"bench.lab/reference/vie"
	"bench.lab/vie/app"
)

func main() {
	options := kit.Setup("vie@ctx-heap")
	config := vie.Default()
	config.Contexts = vie.Heap
	server := app.New(options, config)
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		Shutdown: server.Shutdown,
	})
}
