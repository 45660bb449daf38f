// Command ozzo serves the contract with ozzo-routing.
package main

import (
	"net/http"

	"bench.lab/kit"
	"bench.lab/ozzo/app"
)

func main() {
	options := kit.Setup("ozzo")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
