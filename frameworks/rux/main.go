// Command rux serves the contract with Rux.
package main

import (
	"net/http"

	"bench.lab/kit"
	"bench.lab/rux/app"
)

func main() {
	options := kit.Setup("rux")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
