// Package app is the contract on the standard library's ServeMux.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /plaintext", plaintext)
	mux.HandleFunc("GET /json", message)
	mux.HandleFunc("GET /user/{id}/post/{slug}", userPost)
	mux.HandleFunc("POST /echo", echo)
	mux.HandleFunc("GET /blob", blob)
	for _, route := range options.Routes {
		mux.HandleFunc("GET "+route.Path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", plain)
			io.WriteString(w, route.Body)
		})
	}

	var handler http.Handler = mux
	for range options.Middleware {
		handler = passThrough(handler)
	}
	if options.Spin > 0 {
		handler = spin(handler, options.Spin)
	}
	return handler
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

func spin(next http.Handler, d time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kit.Spin(d)
		next.ServeHTTP(w, r)
	})
}
