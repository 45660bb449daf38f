// Command muxie serves the contract with Muxie.
package main

import (
	"net/http"

	"bench.lab/kit"
	"bench.lab/muxie/app"
)

func main() {
	options := kit.Setup("muxie")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
