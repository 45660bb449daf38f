// Package app is the contract on Air.
package app

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/aofei/air"

	"bench.lab/kit"
)

const binary = "application/octet-stream"

// New returns the application.
func New(options kit.Options) *air.Air {
	server := air.New()
	if options.Spin > 0 {
		server.Gases = append(server.Gases, spin(options.Spin))
	}
	for range options.Middleware {
		server.Gases = append(server.Gases, passThrough)
	}

	server.GET("/plaintext", plaintext)
	server.GET("/json", message)
	server.GET("/user/:id/post/:slug", userPost)
	server.POST("/echo", echo)
	server.GET("/blob", blob)
	for _, route := range options.Routes {
		server.GET(route.Path, func(req *air.Request, res *air.Response) error { return res.WriteString(route.Body) })
	}
	return server
}

func plaintext(req *air.Request, res *air.Response) error {
	return res.WriteString(kit.Plaintext)
}

func message(req *air.Request, res *air.Response) error {
	return res.WriteJSON(kit.Message())
}

func userPost(req *air.Request, res *air.Response) error {
	return res.WriteString(req.ParamValue("id").String() + "/" + req.ParamValue("slug").String())
}

func echo(req *air.Request, res *air.Response) error {
	body, err := io.ReadAll(http.MaxBytesReader(res.HTTPResponseWriter(), req.HTTPRequest().Body, kit.EchoLimit))
	if err != nil {
		res.Status = http.StatusRequestEntityTooLarge
		return err
	}
	return octets(res, body)
}

func blob(req *air.Request, res *air.Response) error {
	return octets(res, kit.Blob())
}

func octets(res *air.Response, body []byte) error {
	res.Header.Set("Content-Type", binary)
	return res.Write(bytes.NewReader(body))
}

// passThrough is a middleware, which Air calls a gas.
func passThrough(next air.Handler) air.Handler {
	return func(req *air.Request, res *air.Response) error { return next(req, res) }
}

func spin(d time.Duration) air.Gas {
	return func(next air.Handler) air.Handler {
		return func(req *air.Request, res *air.Response) error {
			kit.Spin(d)
			return next(req, res)
		}
	}
}
