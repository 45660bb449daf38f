// Command newest serves the contract with fasthttp/router on the newest fasthttp.
package main

import (
	"github.com/valyala/fasthttp"

	"bench.lab/fasthttprouter/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("fasthttprouter@newest")
	server := &fasthttp.Server{Handler: app.New(options)}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.ShutdownWithContext,
	})
}
