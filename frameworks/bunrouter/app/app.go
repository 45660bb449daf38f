// Package app is the contract on BunRouter.
package app

import (
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/uptrace/bunrouter"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *bunrouter.Router {
	router := bunrouter.New(bunrouter.Use(middlewares(options)...))
	router.GET("/plaintext", plaintext)
	router.GET("/json", message)
	router.GET("/user/:id/post/:slug", userPost)
	router.POST("/echo", echo)
	router.GET("/blob", blob)
	for _, route := range options.Routes {
		router.GET(route.Path, func(w http.ResponseWriter, req bunrouter.Request) error {
			return text(w, route.Body)
		})
	}
	return router
}

func middlewares(options kit.Options) []bunrouter.MiddlewareFunc {
	var all []bunrouter.MiddlewareFunc
	if options.Spin > 0 {
		all = append(all, spin(options.Spin))
	}
	for range options.Middleware {
		all = append(all, passThrough)
	}
	return all
}

func plaintext(w http.ResponseWriter, req bunrouter.Request) error {
	return text(w, kit.Plaintext)
}

func text(w http.ResponseWriter, body string) error {
	w.Header().Set("Content-Type", plain)
	_, err := io.WriteString(w, body)
	return err
}

func message(w http.ResponseWriter, req bunrouter.Request) error {
	return bunrouter.JSON(w, kit.Message())
}

func userPost(w http.ResponseWriter, req bunrouter.Request) error {
	return text(w, param(req, "id")+"/"+param(req, "slug"))
}

// param decodes a path parameter. BunRouter routes on URL.RawPath when the request has
// one and its parameters are still encoded then; without one they come from
// URL.Path, which is decoded already and must not be decoded again.
func param(req bunrouter.Request, name string) string {
	value := req.Param(name)
	if req.URL.RawPath == "" {
		return value
	}
	// The server has decoded the same path before and refused what cannot be.
	decoded, _ := url.PathUnescape(value)
	return decoded
}

func echo(w http.ResponseWriter, req bunrouter.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, kit.EchoLimit))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return err
	}
	return octets(w, body)
}

func blob(w http.ResponseWriter, req bunrouter.Request) error {
	return octets(w, kit.Blob())
}

func octets(w http.ResponseWriter, body []byte) error {
	w.Header().Set("Content-Type", binary)
	_, err := w.Write(body)
	return err
}

func passThrough(next bunrouter.HandlerFunc) bunrouter.HandlerFunc {
	return func(w http.ResponseWriter, req bunrouter.Request) error {
		return next(w, req)
	}
}

func spin(d time.Duration) bunrouter.MiddlewareFunc {
	return func(next bunrouter.HandlerFunc) bunrouter.HandlerFunc {
		return func(w http.ResponseWriter, req bunrouter.Request) error {
			kit.Spin(d)
			return next(w, req)
		}
	}
}
