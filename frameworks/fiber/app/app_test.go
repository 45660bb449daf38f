package app_test

import (
	"net"
	"testing"

	"github.com/gofiber/fiber/v3"

	"bench.lab/fiber/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		return app.New(options).Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
	})
}
