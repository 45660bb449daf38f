// Command pure serves the contract with pure.
package main

import (
	"net/http"

	"bench.lab/kit"
	"bench.lab/pure/app"
)

func main() {
	options := kit.Setup("pure")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
