// Package route is Nano's route table: a slice that is filled at the start and read from front to
// back on each request. It knows nothing of HTTP beyond methods and paths, so that the same table
// serves net/http and fasthttp.
package route

import (
	"fmt"
	"strings"
)

// MaxParams is how many parameters a pattern may have. They are kept in an array, so that a
// match allocates nothing.
const MaxParams = 8

// Table holds handlers of type H under methods and patterns such as "/user/{id}/post/{slug}".
// A pattern's parameter takes one whole segment that is not empty.
type Table[H any] struct {
	static []static[H]  // patterns without parameters, in the order of their registration
	params []pattern[H] // patterns with parameters, the same
}

type static[H any] struct {
	method, path string
	handler      H
}

type pattern[H any] struct {
	method, text string
	segments     []segment
	handler      H
}

// segment is what stands between two slashes: fixed text, or a parameter's name.
type segment struct {
	text  string
	param bool
}

// Params are the parameters of a match: names with the values as they stood in the path.
type Params struct {
	Names, Values [MaxParams]string
	Len           int
}

// Add registers a handler. A pattern that is not understood, or that is registered already,
// panics: both are errors of whoever wrote the program, and show at its start.
func (t *Table[H]) Add(method, text string, handler H) {
	segments, params := parse(text)
	if params == 0 {
		for i := range t.static {
			if t.static[i].method == method && t.static[i].path == text {
				panic(fmt.Sprintf("nano: %s %s is registered twice", method, text))
			}
		}
		t.static = append(t.static, static[H]{method, text, handler})
		return
	}
	for i := range t.params {
		if t.params[i].method == method && same(t.params[i].segments, segments) {
			panic(fmt.Sprintf("nano: %s %s matches all that %s matches, which is registered already", method, text, t.params[i].text))
		}
	}
	t.params = append(t.params, pattern[H]{method, text, segments, handler})
}

// parse cuts a pattern into its segments.
func parse(text string) (segments []segment, params int) {
	if !strings.HasPrefix(text, "/") {
		panic(fmt.Sprintf("nano: the pattern %q does not begin with a slash", text))
	}
	for part := range strings.SplitSeq(text[1:], "/") {
		name, opens := strings.CutPrefix(part, "{")
		name, closes := strings.CutSuffix(name, "}")
		switch {
		case opens && closes && name != "" && !strings.ContainsAny(name, "{}"):
			segments = append(segments, segment{name, true})
			params++
		case strings.ContainsAny(part, "{}"):
			panic(fmt.Sprintf("nano: in the pattern %q, %q is neither text nor one {parameter}", text, part))
		default:
			segments = append(segments, segment{part, false})
		}
	}
	if params > MaxParams {
		panic(fmt.Sprintf("nano: the pattern %q has %d parameters, and at most %d are kept", text, params, MaxParams))
	}
	return segments, params
}

func same(a, b []segment) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].param != b[i].param || !a[i].param && a[i].text != b[i].text {
			return false
		}
	}
	return true
}

// Match finds the handler of a request. A pattern without parameters goes before one with, and
// otherwise the one registered first. HEAD is answered by the handler of GET. Where the path is
// known under other methods only, wrongMethod says so.
//
// The values are slices of the path: they live as long as it does.
func (t *Table[H]) Match(method, path string, params *Params) (handler H, found, wrongMethod bool) {
	for i := range t.static {
		route := &t.static[i]
		if route.path == path {
			if answers(route.method, method) {
				return route.handler, true, false
			}
			wrongMethod = true
		}
	}
	for i := range t.params {
		route := &t.params[i]
		if matches(route.segments, path, params) {
			if answers(route.method, method) {
				return route.handler, true, false
			}
			wrongMethod = true
		}
	}
	params.Len = 0
	return handler, false, wrongMethod
}

// Allowed lists the methods that a path is known under, as an Allow header has them.
func (t *Table[H]) Allowed(path string) string {
	var methods []string
	add := func(method string) {
		for _, known := range methods {
			if known == method {
				return
			}
		}
		methods = append(methods, method)
	}
	for i := range t.static {
		if t.static[i].path == path {
			add(t.static[i].method)
		}
	}
	var params Params
	for i := range t.params {
		if matches(t.params[i].segments, path, &params) {
			add(t.params[i].method)
		}
	}
	for _, method := range methods {
		if method == "GET" {
			add("HEAD")
		}
	}
	return strings.Join(methods, ", ")
}

func answers(route, method string) bool {
	return route == method || method == "HEAD" && route == "GET"
}

// matches goes along pattern and path together, without cutting the path up first.
func matches(segments []segment, path string, params *Params) bool {
	params.Len = 0
	for i := range segments {
		if path == "" || path[0] != '/' {
			return false
		}
		path = path[1:]
		if !segments[i].param {
			text := segments[i].text
			if !strings.HasPrefix(path, text) {
				return false
			}
			path = path[len(text):]
			continue
		}
		end := strings.IndexByte(path, '/')
		if end < 0 {
			end = len(path)
		}
		if end == 0 {
			return false
		}
		params.Names[params.Len] = segments[i].text
		params.Values[params.Len] = path[:end]
		params.Len++
		path = path[end:]
	}
	return path == ""
}
