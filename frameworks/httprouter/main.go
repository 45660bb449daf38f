// Command httprouter serves the contract with httprouter.
package main

import (
	"net/http"

	"bench.lab/httprouter/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("httprouter")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
