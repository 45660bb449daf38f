// Command pool-two serves the contract with Vie with two levels of pools.
package main

import (
	"bench.lab/kit"
	"bench.lab/reference/vie"
	"bench.lab/reference/vie/pool"
	"bench.lab/vie/app"
)

func main() {
	options := kit.Setup("vie@pool-two")
	config := vie.Default()
	config.Pool = pool.Two
	server := app.New(options, config)
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		Shutdown: server.Shutdown,
	})
}
