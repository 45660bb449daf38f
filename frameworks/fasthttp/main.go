// Command fasthttp serves the contract with fasthttp.
package main

import (
	"github.com/valyala/fasthttp"

	"bench.lab/fasthttp/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("fasthttp")
	server := &fasthttp.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.ShutdownWithContext,
	})
}
