// Package app is the contract on Goji v1.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/zenazn/goji/web"
	"github.com/zenazn/goji/web/middleware"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application: the mux that the package goji makes, without what would log
// every request and number them for that.
func New(options kit.Options) *web.Mux {
	mux := web.New()
	mux.Use(middleware.Recoverer)
	mux.Use(middleware.AutomaticOptions)
	if options.Spin > 0 {
		mux.Use(spin(options.Spin))
	}
	for range options.Middleware {
		mux.Use(passThrough)
	}

	mux.Get("/plaintext", plaintext)
	mux.Get("/json", message)
	mux.Get("/user/:id/post/:slug", userPost)
	mux.Post("/echo", echo)
	mux.Get("/blob", blob)
	for _, route := range options.Routes {
		mux.Get(route.Path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", plain)
			io.WriteString(w, route.Body)
		})
	}
	return mux
}

func plaintext(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, kit.Plaintext)
}

func message(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(kit.Message())
}

func userPost(c web.C, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, c.URLParams["id"]+"/"+c.URLParams["slug"])
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

func spin(d time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kit.Spin(d)
			next.ServeHTTP(w, r)
		})
	}
}
