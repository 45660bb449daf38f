// Command httptreemux serves the contract with httptreemux.
package main

import (
	"net/http"

	"bench.lab/httptreemux/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("httptreemux")
	server := &http.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
