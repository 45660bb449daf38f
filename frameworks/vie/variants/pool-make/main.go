// Command pool-make serves the contract with Vie without pools.
package main

import (
	"bench.lab/kit"
	"bench.lab/reference/vie"
	"bench.lab/reference/vie/pool"
	"bench.lab/vie/app"
)

func main() {
	options := kit.Setup("vie@pool-make")
	config := vie.Default()
	config.Pool = pool.Make
	server := app.New(options, config)
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		Shutdown: server.Shutdown,
	})
}
