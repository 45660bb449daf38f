// Package app is the contract on Martini.
package app

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/go-martini/martini"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application: martini.Classic without what would log every request and look
// for a file first.
func New(options kit.Options) *martini.Martini {
	martini.Env = martini.Prod
	m := martini.New()
	m.Use(martini.Recovery())
	if options.Spin > 0 {
		m.Use(func() { kit.Spin(options.Spin) })
	}
	for range options.Middleware {
		m.Use(func(c martini.Context) { c.Next() })
	}

	router := martini.NewRouter()
	router.Get("/plaintext", plaintext)
	router.Get("/json", message)
	// A parameter written as :id would not match question marks and number signs.
	router.Get("/user/(?P<id>[^/]+)/post/(?P<slug>[^/]+)", userPost)
	router.Post("/echo", echo)
	router.Get("/blob", blob)
	for _, route := range options.Routes {
		router.Get(route.Path, func(w http.ResponseWriter) string { return text(w, route.Body) })
	}
	m.MapTo(router, (*martini.Routes)(nil))
	m.Action(router.Handle)
	return m
}

func plaintext(w http.ResponseWriter) string {
	return text(w, kit.Plaintext)
}

// text sets the type of an answer; Martini writes what a handler returns.
func text(w http.ResponseWriter, body string) string {
	w.Header().Set("Content-Type", plain)
	return body
}

func message(w http.ResponseWriter) (int, []byte) {
	body, err := json.Marshal(kit.Message())
	if err != nil {
		return http.StatusInternalServerError, []byte(err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	return http.StatusOK, body
}

func userPost(w http.ResponseWriter, params martini.Params) string {
	return text(w, params["id"]+"/"+params["slug"])
}

func echo(w http.ResponseWriter, r *http.Request) (int, []byte) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, kit.EchoLimit))
	if err != nil {
		return http.StatusRequestEntityTooLarge, []byte(err.Error())
	}
	w.Header().Set("Content-Type", binary)
	return http.StatusOK, body
}

func blob(w http.ResponseWriter) (int, []byte) {
	w.Header().Set("Content-Type", binary)
	return http.StatusOK, kit.Blob()
}
