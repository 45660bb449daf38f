// Command goji serves the contract with Goji.
package main

import (
	"net/http"

	"bench.lab/goji/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("goji")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
