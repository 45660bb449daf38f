// Package app is the contract on httptreemux.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/dimfeld/httptreemux/v5"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *httptreemux.TreeMux {
	router := httptreemux.New()
	if options.Spin > 0 {
		router.Use(spin(options.Spin))
	}
	for range options.Middleware {
		router.Use(passThrough)
	}

	router.GET("/plaintext", plaintext)
	router.GET("/json", message)
	router.GET("/user/:id/post/:slug", userPost)
	router.POST("/echo", echo)
	router.GET("/blob", blob)
	for _, route := range options.Routes {
		router.GET(route.Path, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			w.Header().Set("Content-Type", plain)
			io.WriteString(w, route.Body)
		})
	}
	return router
}

func plaintext(w http.ResponseWriter, r *http.Request, _ map[string]string) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, kit.Plaintext)
}

func message(w http.ResponseWriter, r *http.Request, _ map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(kit.Message())
}

func userPost(w http.ResponseWriter, r *http.Request, params map[string]string) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, params["id"]+"/"+params["slug"])
}

func echo(w http.ResponseWriter, r *http.Request, _ map[string]string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, kit.EchoLimit))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Content-Type", binary)
	w.Write(body)
}

func blob(w http.ResponseWriter, r *http.Request, _ map[string]string) {
	w.Header().Set("Content-Type", binary)
	w.Write(kit.Blob())
}

func passThrough(next httptreemux.HandlerFunc) httptreemux.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		next(w, r, params)
	}
}

func spin(d time.Duration) httptreemux.MiddlewareFunc {
	return func(next httptreemux.HandlerFunc) httptreemux.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			kit.Spin(d)
			next(w, r, params)
		}
	}
}
