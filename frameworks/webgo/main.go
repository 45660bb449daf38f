// Command webgo serves the contract with WebGo.
package main

import (
	"net/http"

	"bench.lab/kit"
	"bench.lab/webgo/app"
)

func main() {
	options := kit.Setup("webgo")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
