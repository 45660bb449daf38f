// Package app is the contract on WebGo.
package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/naughtygopher/webgo/v7"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *webgo.Router {
	routes := []*webgo.Route{
		get("/plaintext", plaintext),
		get("/json", message),
		get("/user/:id/post/:slug", userPost),
		{Name: "/echo", Method: http.MethodPost, Pattern: "/echo", Handlers: []http.HandlerFunc{echo}},
		get("/blob", blob),
	}
	for _, route := range options.Routes {
		routes = append(routes, get(route.Path, func(w http.ResponseWriter, r *http.Request) {
			webgo.Send(w, plain, route.Body, http.StatusOK)
		}))
	}

	router := webgo.NewRouter(&webgo.Config{}, routes...)
	if options.Spin > 0 {
		router.Use(spin(options.Spin))
	}
	for range options.Middleware {
		router.Use(passThrough)
	}
	router.SetupMiddleware()
	return router
}

func get(pattern string, handler http.HandlerFunc) *webgo.Route {
	return &webgo.Route{Name: pattern, Method: http.MethodGet, Pattern: pattern, Handlers: []http.HandlerFunc{handler}}
}

func plaintext(w http.ResponseWriter, r *http.Request) {
	webgo.Send(w, plain, kit.Plaintext, http.StatusOK)
}

// message uses encoding/json by itself: webgo.SendResponse puts the object into another one.
func message(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(kit.Message())
}

// userPost decodes its parameters by itself: WebGo matches the path as it was sent. The
// server has decoded the same path before and refused what cannot be.
func userPost(w http.ResponseWriter, r *http.Request) {
	params := webgo.Context(r).Params()
	id, _ := url.PathUnescape(params["id"])
	slug, _ := url.PathUnescape(params["slug"])
	webgo.Send(w, plain, id+"/"+slug, http.StatusOK)
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, kit.EchoLimit))
	if err != nil {
		webgo.Send(w, plain, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Content-Type", binary)
	w.Write(body)
}

func blob(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", binary)
	w.Write(kit.Blob())
}

func passThrough(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	next(w, r)
}

func spin(d time.Duration) webgo.Middleware {
	return func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		kit.Spin(d)
		next(w, r)
	}
}
