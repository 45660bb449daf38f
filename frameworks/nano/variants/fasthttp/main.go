// Command fasthttp serves the contract with Nano's twin on fasthttp.
package main

import (
	"github.com/valyala/fasthttp"

	"bench.lab/kit"
	"bench.lab/nano/variants/fasthttp/app"
)

func main() {
	options := kit.Setup("nano@fasthttp")
	server := &fasthttp.Server{Handler: app.New(options).Handler}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.ShutdownWithContext,
	})
}
