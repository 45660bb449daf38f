// Package app is the contract on nbio, whose HTTP engine takes any http.Handler: here the
// standard library's ServeMux, as in its documentation. It is a control for net/http.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
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
			write(w, r, plain, []byte(route.Body))
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

// write does what net/http does by itself and nbio does not: it names the length of the
// answer, and leaves out the body for HEAD.
func write(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

func plaintext(w http.ResponseWriter, r *http.Request) {
	write(w, r, plain, []byte(kit.Plaintext))
}

func message(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(kit.Message())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	write(w, r, "application/json", body)
}

func userPost(w http.ResponseWriter, r *http.Request) {
	write(w, r, plain, []byte(r.PathValue("id")+"/"+r.PathValue("slug")))
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	write(w, r, binary, body)
}

func blob(w http.ResponseWriter, r *http.Request) {
	write(w, r, binary, kit.Blob())
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
