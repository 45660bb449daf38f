// Command nano serves the contract with Nano.
package main

import (
	"net/http"

	"bench.lab/kit"
	"bench.lab/nano/app"
)

func main() {
	options := kit.Setup("nano")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
