// Package app is the contract on go-restful.
package app

import (
	"io"
	"net/http"
	"time"

	"github.com/emicklei/go-restful/v3"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) *restful.Container {
	container := restful.NewContainer()
	if options.Spin > 0 {
		container.Filter(spin(options.Spin))
	}
	for range options.Middleware {
		container.Filter(passThrough)
	}

	service := new(restful.WebService)
	service.Path("/")
	service.Route(service.GET("/plaintext").To(plaintext).Produces(plain))
	service.Route(service.GET("/json").To(message).Produces(restful.MIME_JSON))
	service.Route(service.GET("/user/{id}/post/{slug}").To(userPost).Produces(plain))
	service.Route(service.POST("/echo").To(echo).Produces(binary))
	service.Route(service.GET("/blob").To(blob).Produces(binary))
	for _, route := range options.Routes {
		service.Route(service.GET(route.Path).To(func(request *restful.Request, response *restful.Response) {
			text(response, route.Body)
		}).Produces(plain))
	}
	return container.Add(service)
}

func plaintext(request *restful.Request, response *restful.Response) {
	text(response, kit.Plaintext)
}

func text(response *restful.Response, body string) {
	response.AddHeader("Content-Type", plain)
	io.WriteString(response, body)
}

func message(request *restful.Request, response *restful.Response) {
	response.WriteEntity(kit.Message())
}

func userPost(request *restful.Request, response *restful.Response) {
	text(response, request.PathParameter("id")+"/"+request.PathParameter("slug"))
}

func echo(request *restful.Request, response *restful.Response) {
	body, err := io.ReadAll(http.MaxBytesReader(response, request.Request.Body, kit.EchoLimit))
	if err != nil {
		response.WriteError(http.StatusRequestEntityTooLarge, err)
		return
	}
	response.AddHeader("Content-Type", binary)
	response.Write(body)
}

func blob(request *restful.Request, response *restful.Response) {
	response.AddHeader("Content-Type", binary)
	response.Write(kit.Blob())
}

func passThrough(request *restful.Request, response *restful.Response, chain *restful.FilterChain) {
	chain.ProcessFilter(request, response)
}

func spin(d time.Duration) restful.FilterFunction {
	return func(request *restful.Request, response *restful.Response, chain *restful.FilterChain) {
		kit.Spin(d)
		chain.ProcessFilter(request, response)
	}
}
