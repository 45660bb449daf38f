// Command huma serves the contract with Huma.
package main

import (
	"net/http"

	"bench.lab/huma/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("huma")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
