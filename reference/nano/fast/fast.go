// Package fast is Nano on fasthttp. The article has Nano over net/http in its first chapter and
// bound to fasthttp in its fourth; this is the second, with the same route table. It is a module
// of its own, so that the first stays without dependencies.
package fast

import (
	"net/url"
	"unsafe"

	"github.com/valyala/fasthttp"

	"bench.lab/reference/nano/route"
)

// Middleware wraps a handler. It is called once, at the start.
type Middleware func(fasthttp.RequestHandler) fasthttp.RequestHandler

// App is an application. Routes and middlewares are registered before it serves.
type App struct {
	table  route.Table[fasthttp.RequestHandler]
	with   []Middleware
	served fasthttp.RequestHandler
}

// New returns an application without routes.
func New() *App {
	app := &App{}
	app.served = app.dispatch
	return app
}

// Use puts middlewares around all that the application answers; the first one is the outermost.
func (a *App) Use(with ...Middleware) {
	a.with = append(a.with, with...)
	a.served = a.dispatch
	for i := len(a.with) - 1; i >= 0; i-- {
		a.served = a.with[i](a.served)
	}
}

// Handle registers a handler under a method and a pattern such as "/user/{id}". The handler reads
// a parameter by [Param].
func (a *App) Handle(method, pattern string, handler fasthttp.RequestHandler) {
	a.table.Add(method, pattern, handler)
}

// Get registers a handler for GET, which answers HEAD as well.
func (a *App) Get(pattern string, handler fasthttp.RequestHandler) { a.Handle("GET", pattern, handler) }

// Post registers a handler for POST.
func (a *App) Post(pattern string, handler fasthttp.RequestHandler) {
	a.Handle("POST", pattern, handler)
}

// Handler is what fasthttp serves.
func (a *App) Handler(ctx *fasthttp.RequestCtx) { a.served(ctx) }

// Param gives a parameter of the route that was matched, decoded; empty where there is none of
// that name. Like all that fasthttp hands out, it is valid until the handler returns.
func Param(ctx *fasthttp.RequestCtx, name string) string {
	value, _ := ctx.UserValue(name).(string)
	return value
}

// dispatch matches the path as it was sent, since fasthttp's own is decoded, which takes an encoded
// slash for one that parts segments.
func (a *App) dispatch(ctx *fasthttp.RequestCtx) {
	original := ctx.URI().PathOriginal()
	path := unsafe.String(unsafe.SliceData(original), len(original))
	var params route.Params
	method := ctx.Method()
	handler, found, wrongMethod := a.table.Match(unsafe.String(unsafe.SliceData(method), len(method)), path, &params)
	if !found {
		if wrongMethod {
			allowed := a.table.Allowed(path)
			ctx.Error("Method Not Allowed", fasthttp.StatusMethodNotAllowed)
			ctx.Response.Header.Set("Allow", allowed)
			return
		}
		ctx.Error("Not Found", fasthttp.StatusNotFound)
		return
	}
	for i := range params.Len {
		value, err := url.PathUnescape(params.Values[i])
		if err != nil {
			ctx.Error("Bad Request", fasthttp.StatusBadRequest)
			return
		}
		ctx.SetUserValue(params.Names[i], value)
	}
	handler(ctx)
}
