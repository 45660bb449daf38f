// Package app is the contract on gocraft/web.
package app

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/gocraft/web"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// Context is what gocraft/web makes one of for each request. It can carry values from
// middlewares to handlers.
type Context struct{}

// New returns the application.
func New(options kit.Options) *web.Router {
	router := web.New(Context{})
	if options.Spin > 0 {
		router.Middleware(func(w web.ResponseWriter, r *web.Request, next web.NextMiddlewareFunc) {
			kit.Spin(options.Spin)
			next(w, r)
		})
	}
	for range options.Middleware {
		router.Middleware((*Context).PassThrough)
	}

	router.Get("/plaintext", (*Context).Plaintext)
	router.Get("/json", (*Context).Message)
	router.Get("/user/:id/post/:slug", (*Context).UserPost)
	router.Post("/echo", (*Context).Echo)
	router.Get("/blob", (*Context).Blob)
	for _, route := range options.Routes {
		router.Get(route.Path, func(w web.ResponseWriter, r *web.Request) { text(w, route.Body) })
	}
	return router
}

// Plaintext answers GET /plaintext.
func (c *Context) Plaintext(w web.ResponseWriter, r *web.Request) {
	text(w, kit.Plaintext)
}

func text(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, body)
}

// Message answers GET /json.
func (c *Context) Message(w web.ResponseWriter, r *web.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(kit.Message())
}

// UserPost answers GET /user/{id}/post/{slug}.
func (c *Context) UserPost(w web.ResponseWriter, r *web.Request) {
	text(w, r.PathParams["id"]+"/"+r.PathParams["slug"])
}

// Echo answers POST /echo.
func (c *Context) Echo(w web.ResponseWriter, r *web.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, kit.EchoLimit))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Content-Type", binary)
	w.Write(body)
}

// Blob answers GET /blob.
func (c *Context) Blob(w web.ResponseWriter, r *web.Request) {
	w.Header().Set("Content-Type", binary)
	w.Write(kit.Blob())
}

// PassThrough is a middleware that only calls the next one.
func (c *Context) PassThrough(w web.ResponseWriter, r *web.Request, next web.NextMiddlewareFunc) {
	next(w, r)
}
