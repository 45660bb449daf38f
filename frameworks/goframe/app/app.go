// Package app is the contract on GoFrame.
package app

import (
	"io"
	"net/http"

	"github.com/gogf/gf/v2/net/ghttp"
	"github.com/gogf/gf/v2/util/guid"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application. GoFrame keeps its servers by name for the life of the
// process; a name of its own gives each application a server of its own.
func New(options kit.Options) *ghttp.Server {
	server := ghttp.GetServer(guid.S())
	server.Logger().SetStdoutPrint(false)
	server.SetDumpRouterMap(false)
	if options.Spin > 0 {
		server.Use(func(r *ghttp.Request) {
			kit.Spin(options.Spin)
			r.Middleware.Next()
		})
	}
	for range options.Middleware {
		server.Use(func(r *ghttp.Request) { r.Middleware.Next() })
	}

	server.Group("/", func(group *ghttp.RouterGroup) {
		group.GET("/plaintext", plaintext)
		group.GET("/json", message)
		group.GET("/user/:id/post/:slug", userPost)
		group.POST("/echo", echo)
		group.GET("/blob", blob)
		for _, route := range options.Routes {
			group.GET(route.Path, func(r *ghttp.Request) { text(r, route.Body) })
		}
	})
	return server
}

func plaintext(r *ghttp.Request) {
	text(r, kit.Plaintext)
}

func text(r *ghttp.Request, body string) {
	r.Response.Header().Set("Content-Type", plain)
	r.Response.Write(body)
}

func message(r *ghttp.Request) {
	r.Response.WriteJson(kit.Message())
}

func userPost(r *ghttp.Request) {
	text(r, r.GetRouter("id").String()+"/"+r.GetRouter("slug").String())
}

func echo(r *ghttp.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(r.Response.Writer, r.Request.Body, kit.EchoLimit))
	if err != nil {
		r.Response.WriteStatus(http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	octets(r, body)
}

func blob(r *ghttp.Request) {
	octets(r, kit.Blob())
}

func octets(r *ghttp.Request, body []byte) {
	r.Response.Header().Set("Content-Type", binary)
	r.Response.Write(body)
}
