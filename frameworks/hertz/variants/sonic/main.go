// Command sonic serves the contract with Hertz and the JSON encoder that it takes by default on
// amd64, sonic.
package main

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/app/server/render"
	"github.com/cloudwego/hertz/pkg/common/json"

	"bench.lab/hertz/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("hertz@sonic")
	var running atomic.Pointer[server.Hertz]
	kit.Run(options, kit.Server{
		Serve: func(listener net.Listener) error {
			running.Store(app.New(options, server.WithListener(listener)))
			// app.New has set encoding/json, as all have it in the main comparison.
			render.ResetJSONMarshal(json.Marshal)
			return running.Load().Run()
		},
		ServeTLS: func(net.Listener, string, string) error {
			return errors.New("the transport netpoll has no TLS")
		},
		Shutdown: func(bounded context.Context) error {
			if h := running.Load(); h != nil {
				return h.Shutdown(bounded)
			}
			return nil
		},
	})
}
