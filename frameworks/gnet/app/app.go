// Package app is the contract on gnet without a framework. gnet moves bytes and knows no
// HTTP: the package brings the little of HTTP/1.1 that the contract needs, and the
// handler switches on the path. That makes it a control, not a framework.
package app

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// Handler answers one request.
type Handler func(request *Request) Response

// New returns the application.
func New(options kit.Options) Handler {
	extra := make(map[string]string, len(options.Routes))
	for _, route := range options.Routes {
		extra[route.Path] = route.Body
	}

	handler := func(request *Request) Response {
		switch request.Path {
		case "/plaintext":
			return get(request, plaintext)
		case "/json":
			return get(request, message)
		case "/echo":
			if request.Method != "POST" {
				return methodNotAllowed
			}
			return Response{200, binary, request.Body}
		case "/blob":
			return get(request, blob)
		}
		if body, found := extra[request.Path]; found {
			return get(request, func() Response { return text(body) })
		}
		if id, slug, found := userPostPath(request.Path); found {
			return get(request, func() Response { return text(id + "/" + slug) })
		}
		return notFound
	}

	for range options.Middleware {
		handler = passThrough(handler)
	}
	if options.Spin > 0 {
		next := handler
		handler = func(request *Request) Response {
			kit.Spin(options.Spin)
			return next(request)
		}
	}
	return handler
}

var (
	notFound         = Response{404, plain, []byte("Not Found")}
	methodNotAllowed = Response{405, plain, []byte("Method Not Allowed")}
)

// get runs the handler for GET and HEAD. For HEAD the server leaves out the body.
func get(request *Request, handler func() Response) Response {
	if request.Method != "GET" && request.Method != "HEAD" {
		return methodNotAllowed
	}
	return handler()
}

// userPostPath takes the parameters from a path like /user/{id}/post/{slug}.
func userPostPath(path string) (id, slug string, found bool) {
	rest, found := strings.CutPrefix(path, "/user/")
	if !found {
		return "", "", false
	}
	id, rest, _ = strings.Cut(rest, "/")
	slug, found = strings.CutPrefix(rest, "post/")
	if !found || id == "" || slug == "" || strings.Contains(slug, "/") {
		return "", "", false
	}
	id, errID := url.PathUnescape(id)
	slug, errSlug := url.PathUnescape(slug)
	return id, slug, errID == nil && errSlug == nil
}

func plaintext() Response {
	return text(kit.Plaintext)
}

func text(body string) Response {
	return Response{200, plain, []byte(body)}
}

func message() Response {
	var body bytes.Buffer
	json.NewEncoder(&body).Encode(kit.Message())
	return Response{200, "application/json", body.Bytes()}
}

func blob() Response {
	return Response{200, binary, kit.Blob()}
}

func passThrough(next Handler) Handler {
	return func(request *Request) Response { return next(request) }
}
