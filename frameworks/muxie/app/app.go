// Package app is the contract on Muxie.
package app

import (
	"io"
	"net/http"
	"time"

	"github.com/kataras/muxie"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *muxie.Mux {
	mux := muxie.NewMux()
	if options.Spin > 0 {
		mux.Use(spin(options.Spin))
	}
	for range options.Middleware {
		mux.Use(passThrough)
	}

	mux.Handle("/plaintext", get(plaintext))
	mux.Handle("/json", get(message))
	mux.Handle("/user/:id/post/:slug", get(userPost))
	mux.Handle("/echo", muxie.Methods().HandleFunc(http.MethodPost, echo))
	mux.Handle("/blob", get(blob))
	for _, route := range options.Routes {
		mux.Handle(route.Path, get(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", plain)
			io.WriteString(w, route.Body)
		}))
	}
	return mux
}

func get(handler http.HandlerFunc) http.Handler {
	return muxie.Methods().HandleFunc(http.MethodGet, handler)
}

func plaintext(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, kit.Plaintext)
}

func message(w http.ResponseWriter, r *http.Request) {
	muxie.Dispatch(w, muxie.JSON, kit.Message())
}

// userPost finds its parameters where Muxie keeps them, in the response.
func userPost(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, muxie.GetParam(w, "id")+"/"+muxie.GetParam(w, "slug"))
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

func spin(d time.Duration) muxie.Wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kit.Spin(d)
			next.ServeHTTP(w, r)
		})
	}
}
