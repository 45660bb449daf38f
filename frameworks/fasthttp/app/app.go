// Package app is the contract on fasthttp without a framework. fasthttp has no
// router: as in its documentation, the handler switches on the path. That makes it
// a control for the frameworks on the same engine, not a framework among them.
package app

import (
	"encoding/json"
	"strings"

	"github.com/valyala/fasthttp"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// New returns the application.
func New(options kit.Options) fasthttp.RequestHandler {
	extra := make(map[string]string, len(options.Routes))
	for _, route := range options.Routes {
		extra[route.Path] = route.Body
	}

	handler := func(ctx *fasthttp.RequestCtx) {
		switch path := string(ctx.Path()); path {
		case "/plaintext":
			get(ctx, plaintext)
		case "/json":
			get(ctx, message)
		case "/echo":
			if !ctx.IsPost() {
				methodNotAllowed(ctx)
				return
			}
			echo(ctx)
		case "/blob":
			get(ctx, blob)
		default:
			if body, found := extra[path]; found {
				get(ctx, func(ctx *fasthttp.RequestCtx) { text(ctx, body) })
			} else if id, slug, found := userPostPath(path); found {
				get(ctx, func(ctx *fasthttp.RequestCtx) { text(ctx, id+"/"+slug) })
			} else {
				ctx.Error("Not Found", fasthttp.StatusNotFound)
			}
		}
	}

	for range options.Middleware {
		handler = passThrough(handler)
	}
	if options.Spin > 0 {
		next := handler
		handler = func(ctx *fasthttp.RequestCtx) {
			kit.Spin(options.Spin)
			next(ctx)
		}
	}
	return handler
}

// get runs the handler for GET and HEAD. For HEAD the engine leaves out the body.
func get(ctx *fasthttp.RequestCtx, handler fasthttp.RequestHandler) {
	if !ctx.IsGet() && !ctx.IsHead() {
		methodNotAllowed(ctx)
		return
	}
	handler(ctx)
}

func methodNotAllowed(ctx *fasthttp.RequestCtx) {
	ctx.Error("Method Not Allowed", fasthttp.StatusMethodNotAllowed)
}

// userPostPath takes the parameters from a path like /user/{id}/post/{slug}. The engine
// has decoded it.
func userPostPath(path string) (id, slug string, found bool) {
	rest, found := strings.CutPrefix(path, "/user/")
	if !found {
		return "", "", false
	}
	id, rest, _ = strings.Cut(rest, "/")
	slug, found = strings.CutPrefix(rest, "post/")
	return id, slug, found && id != "" && slug != "" && !strings.Contains(slug, "/")
}

func plaintext(ctx *fasthttp.RequestCtx) {
	text(ctx, kit.Plaintext)
}

func text(ctx *fasthttp.RequestCtx, body string) {
	ctx.SetContentType(plain)
	ctx.SetBodyString(body)
}

func message(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType("application/json")
	json.NewEncoder(ctx).Encode(kit.Message())
}

func echo(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType(binary)
	ctx.SetBody(ctx.PostBody())
}

func blob(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType(binary)
	ctx.SetBody(kit.Blob())
}

func passThrough(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) { next(ctx) }
}
