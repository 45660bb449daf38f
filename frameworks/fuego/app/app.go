// Package app is the contract on Fuego.
package app

import (
	"io"
	"net/http"
	"time"

	"github.com/go-fuego/fuego"

	"bench.lab/kit"
)

const binary = "application/octet-stream"

// New returns the application. Fuego takes its listener as a further option. It describes
// each route by the types of its controller, and publishes an OpenAPI document of them.
func New(options kit.Options, more ...fuego.ServerOption) *fuego.Server {
	server := fuego.NewServer(append(more,
		fuego.WithoutStartupMessages(),
		fuego.WithLoggingMiddleware(fuego.LoggingConfig{DisableRequest: true, DisableResponse: true}),
		fuego.WithEngineOptions(fuego.WithOpenAPIConfig(fuego.OpenAPIConfig{DisableLocalSave: true, DisableMessages: true})),
	)...)
	if options.Spin > 0 {
		fuego.Use(server, spin(options.Spin))
	}
	for range options.Middleware {
		fuego.Use(server, passThrough)
	}

	fuego.Get(server, "/plaintext", plaintext)
	fuego.Get(server, "/json", message)
	fuego.Get(server, "/user/{id}/post/{slug}", userPost)
	fuego.PostStd(server, "/echo", echo)
	fuego.GetStd(server, "/blob", blob)
	for _, route := range options.Routes {
		fuego.Get(server, route.Path, func(fuego.ContextNoBody) (string, error) { return route.Body, nil })
	}
	return server
}

// plaintext returns a string, which Fuego answers with as text/plain.
func plaintext(fuego.ContextNoBody) (string, error) {
	return kit.Plaintext, nil
}

func message(fuego.ContextNoBody) (kit.Reply, error) {
	return kit.Message(), nil
}

func userPost(c fuego.ContextNoBody) (string, error) {
	return c.PathParam("id") + "/" + c.PathParam("slug"), nil
}

// echo is a handler of net/http, as is blob: controllers serialise what they return.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, kit.EchoLimit))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Content-Type", binary)
	w.Write(body)
}

func blob(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", binary)
	w.Write(kit.Blob())
}

func passThrough(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
	})
}

func spin(d time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kit.Spin(d)
			next.ServeHTTP(w, r)
		})
	}
}
