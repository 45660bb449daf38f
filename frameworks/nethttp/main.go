// Command nethttp serves the contract with the standard library's ServeMux.
package main

import (
	"net/http"

	"bench.lab/kit"
	"bench.lab/nethttp/app"
)

func main() {
	options := kit.Setup("nethttp")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
