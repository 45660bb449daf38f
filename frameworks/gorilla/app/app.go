// Package app is the contract on gorilla/mux.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *mux.Router {
	router := mux.NewRouter()
	if options.Spin > 0 {
		router.Use(spin(options.Spin))
	}
	for range options.Middleware {
		router.Use(passThrough)
	}

	router.HandleFunc("/plaintext", plaintext).Methods("GET")
	router.HandleFunc("/json", message).Methods("GET")
	router.HandleFunc("/user/{id}/post/{slug}", userPost).Methods("GET")
	router.HandleFunc("/echo", echo).Methods("POST")
	router.HandleFunc("/blob", blob).Methods("GET")
	for _, route := range options.Routes {
		router.HandleFunc(route.Path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", plain)
			io.WriteString(w, route.Body)
		}).Methods("GET")
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
	vars := mux.Vars(r)
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, vars["id"]+"/"+vars["slug"])
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

func spin(d time.Duration) mux.MiddlewareFunc {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kit.Spin(d)
			next.ServeHTTP(w, r)
		})
	}
}
