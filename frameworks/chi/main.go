// Command chi serves the contract with chi.
package main

import (
	"net/http"

	"bench.lab/chi/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("chi")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
