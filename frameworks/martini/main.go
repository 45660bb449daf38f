// Command martini serves the contract with Martini.
package main

import (
	"net/http"

	"bench.lab/kit"
	"bench.lab/martini/app"
)

func main() {
	options := kit.Setup("martini")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
