// Command goji1 serves the contract with Goji v1.
package main

import (
	"net/http"

	"bench.lab/goji1/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("goji1")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
