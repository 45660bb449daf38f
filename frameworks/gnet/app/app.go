// Package app is the contract on gnet without a framework. gnet moves bytes and knows no
// HTTP: the package brings the little of HTTP/1.1 that the contract needs, and the
// handler switches on the path. That makes it a control, not a framework. To show what the
// engine can do, nothing is allocated on the way of a request: it is parsed where gnet has
// read it, and answered in a buffer that its connection keeps.
package app

import (
	"bytes"

	"bench.lab/kit"
)

const (
	plain  = "text/plain; charset=utf-8"
	object = "application/json"
	binary = "application/octet-stream"
)

// Handler answers the request of an exchange.
type Handler func(x *Exchange)

// New returns the application.
func New(options kit.Options) Handler {
	extra := make(map[string]string, len(options.Routes))
	for _, route := range options.Routes {
		extra[route.Path] = route.Body
	}

	handler := func(x *Exchange) {
		switch string(x.Path) {
		case "/plaintext":
			get(x, plaintext)
			return
		case "/json":
			get(x, message)
			return
		case "/echo":
			post(x, echo)
			return
		case "/blob":
			get(x, blob)
			return
		}
		if body, found := extra[string(x.Path)]; found {
			get(x, func(x *Exchange) { answer(x, 200, plain, body) })
		} else if id, slug, found := userPostPath(x.Path); found {
			get(x, func(x *Exchange) { userPost(x, id, slug) })
		} else {
			notFound(x)
		}
	}

	for range options.Middleware {
		handler = passThrough(handler)
	}
	if options.Spin > 0 {
		next := handler
		handler = func(x *Exchange) {
			kit.Spin(options.Spin)
			next(x)
		}
	}
	return handler
}

// get runs the handler for GET and HEAD. For HEAD an exchange leaves out the body.
func get(x *Exchange, handler Handler) {
	if string(x.Method) != "GET" && string(x.Method) != "HEAD" {
		methodNotAllowed(x)
		return
	}
	handler(x)
}

func post(x *Exchange, handler Handler) {
	if string(x.Method) != "POST" {
		methodNotAllowed(x)
		return
	}
	handler(x)
}

// userPostPath takes the parameters, still encoded, from a path like /user/{id}/post/{slug}.
func userPostPath(path []byte) (id, slug []byte, found bool) {
	rest, found := bytes.CutPrefix(path, []byte("/user/"))
	if !found {
		return nil, nil, false
	}
	id, rest, _ = bytes.Cut(rest, []byte("/"))
	slug, found = bytes.CutPrefix(rest, []byte("post/"))
	return id, slug, found && len(id) > 0 && len(slug) > 0 && bytes.IndexByte(slug, '/') < 0
}

func userPost(x *Exchange, id, slug []byte) {
	both, right := appendDecoded(x.scratch[:0], id)
	if right {
		both, right = appendDecoded(append(both, '/'), slug)
	}
	x.scratch = both
	if !right {
		notFound(x)
		return
	}
	answer(x, 200, plain, both)
}

// appendDecoded appends text without its percent encoding, or says that it is none.
func appendDecoded(to, text []byte) ([]byte, bool) {
	for {
		percent := bytes.IndexByte(text, '%')
		if percent < 0 {
			return append(to, text...), true
		}
		if len(text) < percent+3 {
			return to, false
		}
		high, low := hexDigit(text[percent+1]), hexDigit(text[percent+2])
		if high < 0 || low < 0 {
			return to, false
		}
		to = append(append(to, text[:percent]...), byte(high<<4|low))
		text = text[percent+3:]
	}
}

func plaintext(x *Exchange) { answer(x, 200, plain, kit.Plaintext) }

func message(x *Exchange) { answer(x, 200, object, x.encode(kit.Message())) }

func echo(x *Exchange) { answer(x, 200, binary, x.Body) }

func blob(x *Exchange) { answer(x, 200, binary, kit.Blob()) }

func notFound(x *Exchange) { answer(x, 404, plain, "Not Found") }

func methodNotAllowed(x *Exchange) { answer(x, 405, plain, "Method Not Allowed") }

func passThrough(next Handler) Handler {
	return func(x *Exchange) { next(x) }
}
