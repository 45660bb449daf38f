// Command iris serves the contract with Iris.
package main

import (
	"crypto/tls"
	"net"

	"github.com/kataras/iris/v12"

	"bench.lab/iris/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("iris")
	server := app.New(options)
	serve := func(listener net.Listener) error { return server.Run(iris.Listener(listener)) }
	kit.Run(options, kit.Server{
		Serve: serve,
		ServeTLS: func(listener net.Listener, certFile, keyFile string) error {
			certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
			if err != nil {
				return err
			}
			return serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}}))
		},
		Shutdown: server.Shutdown,
	})
}
