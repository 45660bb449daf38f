// Command gorilla serves the contract with gorilla/mux.
package main

import (
	"net/http"

	"bench.lab/gorilla/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("gorilla")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
