// Command flamego serves the contract with Flamego.
package main

import (
	"net/http"

	"bench.lab/flamego/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("flamego")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
