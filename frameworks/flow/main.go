// Command flow serves the contract with Flow.
package main

import (
	"net/http"

	"bench.lab/flow/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("flow")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
