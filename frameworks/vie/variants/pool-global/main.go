// Command pool-global serves the contract with Vie with one global pool.
package main

import (
	"bench.lab/kit"
	"bench.lab/reference/vie"
	"bench.lab/reference/vie/pool"
	"bench.lab/vie/app"
)

func main() {
	options := kit.Setup("vie@pool-global")
	config := vie.Default()
	config.Pool = pool.Global
	server := app.New(options, config)
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		Shutdown: server.Shutdown,
	})
}
