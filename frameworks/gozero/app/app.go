// Package app is the contract on go-zero.
package app

import (
	"io"
	"net"
	"net/http"
	"strconv"

	"github.com/zeromicro/go-zero/core/conf"
	"github.com/zeromicro/go-zero/core/logx"
	"github.com/zeromicro/go-zero/core/prometheus"
	"github.com/zeromicro/go-zero/rest"
	"github.com/zeromicro/go-zero/rest/httpx"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application. Each route gets go-zero's eleven default middlewares but
// the one that logs: tracing, metrics, limits of connections, time and size, a circuit
// breaker and load shedding among them. A variant changes the configuration further.
func New(options kit.Options, more ...func(*rest.RestConf)) (*rest.Server, error) {
	var config rest.RestConf
	if err := conf.FillDefault(&config); err != nil {
		return nil, err
	}
	config.Name = options.Name
	config.CertFile, config.KeyFile = options.CertFile, options.KeyFile
	config.Middlewares.Log = false
	// The server that is left out would switch the metrics on.
	config.DevServer.Enabled = false
	prometheus.Enable()
	if host, port, err := net.SplitHostPort(options.Listen); err == nil {
		config.Host = host
		config.Port, _ = strconv.Atoi(port)
	}
	for _, change := range more {
		change(&config)
	}
	server, err := rest.NewServer(config)
	if err != nil {
		return nil, err
	}
	logx.Disable()

	if options.Spin > 0 {
		server.Use(func(next http.HandlerFunc) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				kit.Spin(options.Spin)
				next(w, r)
			}
		})
	}
	for range options.Middleware {
		server.Use(passThrough)
	}

	server.AddRoutes([]rest.Route{
		{Method: http.MethodGet, Path: "/plaintext", Handler: plaintext},
		{Method: http.MethodGet, Path: "/json", Handler: message},
		{Method: http.MethodGet, Path: "/user/:id/post/:slug", Handler: userPost},
		{Method: http.MethodPost, Path: "/echo", Handler: echo},
		{Method: http.MethodGet, Path: "/blob", Handler: blob},
	})
	for _, route := range options.Routes {
		server.AddRoute(rest.Route{Method: http.MethodGet, Path: route.Path,
			Handler: func(w http.ResponseWriter, r *http.Request) { text(w, route.Body) }})
	}
	return server, nil
}

func plaintext(w http.ResponseWriter, r *http.Request) {
	text(w, kit.Plaintext)
}

func text(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", plain)
	io.WriteString(w, body)
}

func message(w http.ResponseWriter, r *http.Request) {
	httpx.OkJsonCtx(r.Context(), w, kit.Message())
}

// userPostRequest is what httpx.ParsePath fills from the path.
type userPostRequest struct {
	ID   string `path:"id"`
	Slug string `path:"slug"`
}

func userPost(w http.ResponseWriter, r *http.Request) {
	var request userPostRequest
	if err := httpx.ParsePath(r, &request); err != nil {
		httpx.ErrorCtx(r.Context(), w, err)
		return
	}
	text(w, request.ID+"/"+request.Slug)
}

// echo relies on the default middleware that refuses bodies above 1 MiB.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		httpx.ErrorCtx(r.Context(), w, err)
		return
	}
	w.Header().Set("Content-Type", binary)
	w.Write(body)
}

func blob(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", binary)
	w.Write(kit.Blob())
}

func passThrough(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { next(w, r) }
}
