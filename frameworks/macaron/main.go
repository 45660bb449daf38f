// Command macaron serves the contract with Macaron.
package main

import (
	"net/http"

	"bench.lab/kit"
	"bench.lab/macaron/app"
)

func main() {
	options := kit.Setup("macaron")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
