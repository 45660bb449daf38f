// Command gin serves the contract with Gin.
package main

import (
	"net/http"

	"bench.lab/gin/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("gin")
	server := &http.Server{Handler: app.New(options).Handler()}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}
