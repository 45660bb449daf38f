// Command newest serves the contract with Fiber v2 on the newest fasthttp.
package main

import (
	"crypto/tls"
	"net"

	"bench.lab/fiber2/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("fiber2@newest")
	server := app.New(options)
	kit.Run(options, kit.Server{
		Serve: server.Listener,
		ServeTLS: func(listener net.Listener, certFile, keyFile string) error {
			certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
			if err != nil {
				return err
			}
			return server.Listener(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}}))
		},
		Shutdown: server.ShutdownWithContext,
	})
}
