// Command untimed serves the contract with Echo without its deadline for reading.
package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"

	"github.com/labstack/echo/v5"

	"bench.lab/echo/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("echo@untimed")
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})

	// echo.StartConfig brings Echo's own http.Server with its timeouts. It is stopped
	// through its context.
	serve := func(listener net.Listener) error {
		defer close(stopped)
		config := echo.StartConfig{Listener: listener, HideBanner: true, HidePort: true,
			BeforeServeFunc: func(server *http.Server) error {
				server.ReadTimeout = 0
				return nil
			},
		}
		return config.Start(ctx, app.New(options))
	}

	kit.Run(options, kit.Server{
		Serve: serve,
		ServeTLS: func(listener net.Listener, certFile, keyFile string) error {
			certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
			if err != nil {
				return err
			}
			return serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}}))
		},
		Shutdown: func(bounded context.Context) error {
			stop()
			select {
			case <-stopped:
				return nil
			case <-bounded.Done():
				return bounded.Err()
			}
		},
	})
}
