// Package app is the contract on Flamego.
package app

import (
	"io"
	"net/http"

	"github.com/flamego/flamego"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application: flamego.Classic without what would log every request and look
// for a file first, and with the renderer, which its documentation installs for all routes.
func New(options kit.Options) *flamego.Flame {
	flamego.SetEnv(flamego.EnvTypeProd)
	f := flamego.New()
	f.Use(flamego.Recovery())
	if options.Spin > 0 {
		f.Use(func() { kit.Spin(options.Spin) })
	}
	for range options.Middleware {
		f.Use(func(c flamego.Context) { c.Next() })
	}
	f.Use(flamego.Renderer())

	f.Get("/plaintext", plaintext)
	f.Get("/json", message)
	f.Get("/user/{id}/post/{slug}", userPost)
	f.Post("/echo", echo)
	f.Get("/blob", blob)
	for _, route := range options.Routes {
		f.Get(route.Path, func(w http.ResponseWriter) string { return text(w, route.Body) })
	}
	return f
}

func plaintext(w http.ResponseWriter) string {
	return text(w, kit.Plaintext)
}

// text sets the type of an answer; Flamego writes what a handler returns.
func text(w http.ResponseWriter, body string) string {
	w.Header().Set("Content-Type", plain)
	return body
}

func message(r flamego.Render) {
	r.JSON(http.StatusOK, kit.Message())
}

func userPost(c flamego.Context, w http.ResponseWriter) string {
	return text(w, c.Param("id")+"/"+c.Param("slug"))
}

func echo(w http.ResponseWriter, r *http.Request) (int, []byte) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, kit.EchoLimit))
	if err != nil {
		return http.StatusRequestEntityTooLarge, []byte(err.Error())
	}
	w.Header().Set("Content-Type", binary)
	return http.StatusOK, body
}

func blob(w http.ResponseWriter) []byte {
	w.Header().Set("Content-Type", binary)
	return kit.Blob()
}
