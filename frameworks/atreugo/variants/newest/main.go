// Command newest serves the contract with Atreugo on the newest fasthttp.
package main

import (
	"crypto/tls"
	"net"

	"bench.lab/atreugo/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("atreugo@newest")
	server := app.New(options)
	kit.Run(options, kit.Server{
		Serve: server.Serve,
		ServeTLS: func(listener net.Listener, certFile, keyFile string) error {
			certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
			if err != nil {
				return err
			}
			return server.Serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}}))
		},
		Shutdown: server.ShutdownWithContext,
	})
}
