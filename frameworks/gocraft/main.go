// Command gocraft serves the contract with gocraft/web.
package main

import (
	"net/http"

	"bench.lab/gocraft/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("gocraft")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
