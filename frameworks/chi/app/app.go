// Package app is the contract on chi.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *chi.Mux {
	router := chi.NewRouter()
	if options.Spin > 0 {
		router.Use(spin(options.Spin))
	}
	for range options.Middleware {
		router.Use(passThrough)
	}

	router.Get("/plaintext", plaintext)
	router.Get("/json", message)
	router.Get("/user/{id}/post/{slug}", userPost)
	router.With(middleware.RequestSize(kit.EchoLimit)).Post("/echo", echo)
	router.Get("/blob", blob)
	for _, route := range options.Routes {
		router.Get(route.Path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", plain)
			io.WriteString(w, route.Body)
		})
	}
	return router
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
	io.WriteString(w, param(r, "id")+"/"+param(r, "slug"))
}

// param decodes a URL parameter. chi routes on URL.RawPath when the request has one
// and its parameters are still encoded then; without one they come from URL.Path,
// which is decoded already and must not be decoded again.
func param(r *http.Request, name string) string {
	value := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return value
	}
	// The server has decoded the same path before and refused what cannot be.
	decoded, _ := url.PathUnescape(value)
	return decoded
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
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
