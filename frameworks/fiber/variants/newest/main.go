// Command newest serves the contract with Fiber on the newest fasthttp.
package main

import (
	"crypto/tls"
	"net"

	"github.com/gofiber/fiber/v3"

	"bench.lab/fiber/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("fiber@newest")
	server := app.New(options)
	serve := func(listener net.Listener) error {
		return server.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
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
		Shutdown: server.ShutdownWithContext,
	})
}
