// Command bunrouter serves the contract with BunRouter.
package main

import (
	"net/http"

	"bench.lab/bunrouter/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("bunrouter")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
