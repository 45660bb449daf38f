// Command kratos2 serves the contract with Kratos v2.
package main

import (
	"context"
	"crypto/tls"
	"net"
	"sync/atomic"

	"github.com/go-kratos/kratos/v2/transport/http"

	"bench.lab/kit"
	"bench.lab/kratos2/app"
)

func main() {
	options := kit.Setup("kratos2")
	var server atomic.Pointer[http.Server]
	start := func(more ...http.ServerOption) error {
		server.Store(app.New(options, more...))
		return server.Load().Start(context.Background())
	}
	kit.Run(options, kit.Server{
		Serve: func(listener net.Listener) error {
			return start(http.Listener(listener))
		},
		ServeTLS: func(listener net.Listener, certFile, keyFile string) error {
			certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
			if err != nil {
				return err
			}
			return start(http.Listener(listener), http.TLSConfig(&tls.Config{Certificates: []tls.Certificate{certificate}}))
		},
		Shutdown: func(bounded context.Context) error {
			if server := server.Load(); server != nil {
				return server.Stop(bounded)
			}
			return nil
		},
	})
}
