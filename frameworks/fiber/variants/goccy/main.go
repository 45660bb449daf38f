// Command goccy serves the contract with Fiber and the JSON encoder that its documentation
// recommends for speed, goccy/go-json.
package main

import (
	"crypto/tls"
	"net"

	"github.com/goccy/go-json"
	"github.com/gofiber/fiber/v3"

	"bench.lab/fiber/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("fiber@goccy")
	server := app.New(options, fiber.Config{JSONEncoder: json.Marshal, JSONDecoder: json.Unmarshal})
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
