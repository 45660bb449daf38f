// Package app is the contract on httprouter.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application. httprouter has no middlewares of its own; as its
// documentation shows, the router is wrapped like any other http.Handler.
func New(options kit.Options) http.Handler {
	router := httprouter.New()
	router.GET("/plaintext", plaintext)
	router.GET("/json", message)
	router.GET("/user/:id/post/:slug", userPost)
	router.POST("/echo", echo)
	router.GET("/blob", blob)
	for _, route := range options.Routes {
		router.GET(route.Path, func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
			w.Header().Set("Content-Type", plain)
			io.WriteString(w, route.Body)
		})
	}

	var handler http.Handler = router
	for range options.Middleware {
		handler = passThrough(handler)
	}
	if options.Spin > 0 {
		handler = spin(handler, options.Spin)
	}
	return handler
}

func plaintext(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, kit.Plaintext)
}

func message(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(kit.Message())
}

func userPost(w http.ResponseWriter, r *http.Request, params httprouter.Params) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, params.ByName("id")+"/"+params.ByName("slug"))
}

func echo(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, kit.EchoLimit))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Content-Type", binary)
	w.Write(body)
}

func blob(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
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
