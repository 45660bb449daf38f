// Package app is the contract on Flow.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/alexedwards/flow"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *flow.Mux {
	mux := flow.New()
	if options.Spin > 0 {
		mux.Use(spin(options.Spin))
	}
	for range options.Middleware {
		mux.Use(passThrough)
	}

	mux.HandleFunc("/plaintext", plaintext, "GET")
	mux.HandleFunc("/json", message, "GET")
	mux.HandleFunc("/user/:id/post/:slug", userPost, "GET")
	mux.HandleFunc("/echo", echo, "POST")
	mux.HandleFunc("/blob", blob, "GET")
	for _, route := range options.Routes {
		mux.HandleFunc(route.Path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", plain)
			io.WriteString(w, route.Body)
		}, "GET")
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

// userPost decodes its parameters by itself: Flow matches the path as it was sent. The
// server has decoded the same path before and refused what cannot be.
func userPost(w http.ResponseWriter, r *http.Request) {
	id, _ := url.PathUnescape(r.PathValue("id"))
	slug, _ := url.PathUnescape(r.PathValue("slug"))
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, id+"/"+slug)
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
