// Package nano is a reference implementation of a published design, the framework "Nano" of an
// article on Go web frameworks; no public release of it was found. The README says what the
// article asks for and where each of it is.
//
//	app := nano.New()
//	app.Use(logger)
//	app.Get("/user/{id}", func(w http.ResponseWriter, r *http.Request) {
//		io.WriteString(w, r.PathValue("id"))
//	})
//	http.ListenAndServe("127.0.0.1:8080", app)
package nano

import (
	"net/http"
	"net/url"
	"strings"

	"bench.lab/reference/nano/route"
)

// Handler is net/http's.
type Handler = http.Handler

// Middleware wraps a handler. It is called once for each handler, at the start.
type Middleware func(http.Handler) http.Handler

// App is an application: there is no default one, and nothing of it is global. Routes and
// middlewares are registered before it serves; registering while it serves is a race.
type App struct {
	table  route.Table[http.Handler]
	with   []Middleware
	served http.Handler
}

// New returns an application without routes.
func New() *App {
	app := &App{}
	app.served = http.HandlerFunc(app.dispatch)
	return app
}

// Use puts middlewares around all that the application answers, also what it does not know. The
// first one is the outermost.
func (a *App) Use(with ...Middleware) {
	a.with = append(a.with, with...)
	a.served = wrap(http.HandlerFunc(a.dispatch), a.with)
}

// Handle registers a handler under a method and a pattern such as "/user/{id}". A parameter takes
// one segment; the handler reads it by [http.Request.PathValue]. A pattern that is not understood
// or registered twice panics.
func (a *App) Handle(method, pattern string, handler http.Handler) {
	a.table.Add(method, pattern, handler)
}

// Get registers a function for GET, which answers HEAD as well.
func (a *App) Get(pattern string, handler http.HandlerFunc) { a.Handle("GET", pattern, handler) }

// Post registers a function for POST.
func (a *App) Post(pattern string, handler http.HandlerFunc) { a.Handle("POST", pattern, handler) }

// Put registers a function for PUT.
func (a *App) Put(pattern string, handler http.HandlerFunc) { a.Handle("PUT", pattern, handler) }

// Delete registers a function for DELETE.
func (a *App) Delete(pattern string, handler http.HandlerFunc) { a.Handle("DELETE", pattern, handler) }

// Group returns routes with a prefix and middlewares of their own, inside those of the
// application. A group has no groups: the table stays one slice, whatever its owner writes.
func (a *App) Group(prefix string, with ...Middleware) Group {
	return Group{app: a, prefix: strings.TrimSuffix(prefix, "/"), with: with}
}

// ServeHTTP answers a request.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.served.ServeHTTP(w, r) }

// dispatch finds the handler. A path whose encoding matters (an encoded slash) is matched as it was
// sent, and its parameters are decoded one by one; any other has been decoded by net/http.
func (a *App) dispatch(w http.ResponseWriter, r *http.Request) {
	path, encoded := r.URL.Path, false
	if r.URL.RawPath != "" {
		path, encoded = r.URL.RawPath, true
	}
	var params route.Params
	handler, found, wrongMethod := a.table.Match(r.Method, path, &params)
	if !found {
		if wrongMethod {
			w.Header().Set("Allow", a.table.Allowed(path))
			http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
			return
		}
		http.Error(w, "Not Found", http.StatusNotFound)
		return
	}
	for i := range params.Len {
		value := params.Values[i]
		if encoded {
			var err error
			if value, err = url.PathUnescape(value); err != nil {
				http.Error(w, "Bad Request", http.StatusBadRequest)
				return
			}
		}
		r.SetPathValue(params.Names[i], value)
	}
	handler.ServeHTTP(w, r)
}

// Group is a set of routes with a common prefix.
type Group struct {
	app    *App
	prefix string
	with   []Middleware
}

// Handle registers a handler as [App.Handle] does, behind the group's prefix and inside of its
// middlewares.
func (g Group) Handle(method, pattern string, handler http.Handler) {
	g.app.Handle(method, g.prefix+pattern, wrap(handler, g.with))
}

// Get registers a function for GET and HEAD.
func (g Group) Get(pattern string, handler http.HandlerFunc) { g.Handle("GET", pattern, handler) }

// Post registers a function for POST.
func (g Group) Post(pattern string, handler http.HandlerFunc) { g.Handle("POST", pattern, handler) }

// Put registers a function for PUT.
func (g Group) Put(pattern string, handler http.HandlerFunc) { g.Handle("PUT", pattern, handler) }

// Delete registers a function for DELETE.
func (g Group) Delete(pattern string, handler http.HandlerFunc) { g.Handle("DELETE", pattern, handler) }

func wrap(handler http.Handler, with []Middleware) http.Handler {
	for i := len(with) - 1; i >= 0; i-- {
		handler = with[i](handler)
	}
	return handler
}
