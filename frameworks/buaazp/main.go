// Command buaazp serves the contract with buaazp/fasthttprouter.
package main

import (
	"github.com/valyala/fasthttp"

	"bench.lab/buaazp/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("buaazp")
	server := &fasthttp.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.ShutdownWithContext,
	})
}
