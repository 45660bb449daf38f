// Command restful serves the contract with go-restful.
package main

import (
	"net/http"

	"bench.lab/kit"
	"bench.lab/restful/app"
)

func main() {
	options := kit.Setup("restful")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
