// Command fox serves the contract with Fox.
package main

import (
	"net/http"

	"bench.lab/fox/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("fox")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
