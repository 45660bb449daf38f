// Package app is the contract on Nano.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"bench.lab/kit"
	"bench.lab/reference/nano"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *nano.App {
	app := nano.New()
	if options.Spin > 0 {
		app.Use(spin(options.Spin))
	}
	for range options.Middleware {
		app.Use(passThrough)
	}
	app.Get("/plaintext", plaintext)
	app.Get("/json", message)
	app.Get("/user/{id}/post/{slug}", userPost)
	app.Post("/echo", echo)
	app.Get("/blob", blob)
	for _, route := range options.Routes {
		app.Get(route.Path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", plain)
			io.WriteString(w, route.Body)
		})
	}
	return app
}

func plaintext(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, kit.Plaintext)
}

func message(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(kit.Message())
}

func userPost(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, r.PathValue("id")+"/"+r.PathValue("slug"))
}

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

func spin(d time.Duration) nano.Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kit.Spin(d)
			next.ServeHTTP(w, r)
		})
	}
}
