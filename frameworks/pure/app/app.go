// Package app is the contract on pure.
package app

import (
	"io"
	"net/http"
	"time"

	"github.com/go-playground/pure/v5"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) http.Handler {
	p := pure.New()
	p.RegisterMethodNotAllowed()
	if options.Spin > 0 {
		p.Use(spin(options.Spin))
	}
	for range options.Middleware {
		p.Use(passThrough)
	}

	p.Get("/plaintext", plaintext)
	p.Get("/json", message)
	p.Get("/user/:id/post/:slug", userPost)
	p.Post("/echo", echo)
	p.Get("/blob", blob)
	for _, route := range options.Routes {
		p.Get(route.Path, func(w http.ResponseWriter, r *http.Request) { text(w, route.Body) })
	}
	return p.Serve()
}

func plaintext(w http.ResponseWriter, r *http.Request) { text(w, kit.Plaintext) }

func text(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, body)
}

func message(w http.ResponseWriter, r *http.Request) {
	pure.JSON(w, http.StatusOK, kit.Message())
}

// userPost reads parameters that are decoded already: pure matches URL.Path.
func userPost(w http.ResponseWriter, r *http.Request) {
	vars := pure.RequestVars(r)
	text(w, vars.URLParam("id")+"/"+vars.URLParam("slug"))
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

func passThrough(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { next(w, r) }
}

func spin(d time.Duration) pure.Middleware {
	return func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			kit.Spin(d)
			next(w, r)
		}
	}
}
