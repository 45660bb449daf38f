// Package vie is a reference implementation of a published design, the framework "Vie" of an article
// on Go web frameworks; no public release of it was found. The README says what the article asks
// for and where each of it is.
//
//	app := vie.New(vie.Default())
//	app.Get("/user/{id}", func(c *vie.Context) {
//		c.Write(c.Param("id"))
//	})
//	app.Serve(listener)
package vie

import (
	"bytes"
	"fmt"

	"bench.lab/reference/vie/http1"
	"bench.lab/reference/vie/router"
)

// Handler answers a request. The Context and what it hands out must not be kept.
type Handler func(c *Context)

// Middleware wraps a handler. It is called once, at the start.
type Middleware func(next Handler) Handler

// App is an application: routes and middlewares, which are registered before it serves.
type App struct {
	config Config
	router router.Router
	routes []*methods
	byKey  map[string]*methods
	with   []Middleware
	served Handler
	server server
}

// methods are what is registered under one pattern.
type methods struct {
	names    []string
	handlers []Handler
	allowed  string // as an Allow header has them
}

// New returns an application without routes. A router that there is not panics.
func New(config Config) *App {
	app := &App{config: config, byKey: map[string]*methods{}}
	if config.Router == "generated" {
		app.router = router.NewGenerated(config.Table)
	} else {
		made, err := router.New(config.Router)
		if err != nil {
			panic("vie: " + err.Error())
		}
		app.router = made
	}
	app.served = app.dispatch
	return app
}

// Use puts middlewares around all that the application answers, also what it does not know. The
// first one is the outermost.
func (a *App) Use(with ...Middleware) {
	a.with = append(a.with, with...)
	a.served = a.dispatch
	for i := len(a.with) - 1; i >= 0; i-- {
		a.served = a.with[i](a.served)
	}
}

// Handle registers a handler under a method and a pattern such as "/user/{id}". A pattern that is
// not understood or registered twice panics.
func (a *App) Handle(method, pattern string, handler Handler) {
	route, err := router.NewRoute(pattern)
	if err != nil {
		panic("vie: " + err.Error())
	}
	key := route.Pattern.Key()
	under := a.byKey[key]
	if under == nil {
		under = &methods{}
		a.byKey[key] = under
		route.Index = len(a.routes)
		a.routes = append(a.routes, under)
		a.router.Insert(route)
	}
	for _, name := range under.names {
		if name == method {
			panic(fmt.Sprintf("vie: %s %s is registered twice", method, pattern))
		}
	}
	under.names = append(under.names, method)
	under.handlers = append(under.handlers, handler)
	if under.allowed != "" {
		under.allowed += ", "
	}
	under.allowed += method
	if method == "GET" {
		under.allowed += ", HEAD"
	}
}

// Get registers a handler for GET, which answers HEAD as well.
func (a *App) Get(pattern string, handler Handler) { a.Handle("GET", pattern, handler) }

// Post registers a handler for POST.
func (a *App) Post(pattern string, handler Handler) { a.Handle("POST", pattern, handler) }

// Put registers a handler for PUT.
func (a *App) Put(pattern string, handler Handler) { a.Handle("PUT", pattern, handler) }

// Delete registers a handler for DELETE.
func (a *App) Delete(pattern string, handler Handler) { a.Handle("DELETE", pattern, handler) }

// dispatch finds the handler of a request.
func (a *App) dispatch(c *Context) {
	if bytes.IndexByte(c.Path, '%') >= 0 && !encodedRight(c.Path) {
		c.Error(400)
		return
	}
	route := a.router.Find(c.Path, &c.values)
	if route == nil {
		c.Error(404)
		return
	}
	under := a.routes[route.Index]
	handler := under.find(c.Method)
	if handler == nil {
		c.Error(405)
		c.allow = under.allowed
		return
	}
	c.names = route.Names
	handler(c)
}

func (m *methods) find(method []byte) Handler {
	for i, name := range m.names {
		if name == string(method) {
			return m.handlers[i]
		}
	}
	if string(method) == "HEAD" {
		return m.find([]byte("GET"))
	}
	return nil
}

// encodedRight tells that two hexadecimal digits follow each percent sign.
func encodedRight(path []byte) bool {
	for i, c := range path {
		if c == '%' && (i+2 >= len(path) || http1.HexDigit(path[i+1]) < 0 || http1.HexDigit(path[i+2]) < 0) {
			return false
		}
	}
	return true
}
