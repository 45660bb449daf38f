package router

import (
	"regexp"
	"strings"
)

// Regex asks every route in turn, each a regular expression that was compiled at the start: the
// fast path of the article's chapter 2.3.
type Regex struct {
	routes []expression
}

type expression struct {
	route *Route
	match *regexp.Regexp
}

// Insert adds a route.
func (r *Regex) Insert(route *Route) {
	var text strings.Builder
	text.WriteString("(?s)^")
	for _, segment := range route.Pattern {
		if segment.Param {
			text.WriteString("/([^/]+)")
		} else {
			text.WriteString("/" + regexp.QuoteMeta(segment.Text))
		}
	}
	text.WriteString("$")
	r.routes = byKinds(r.routes, func(e expression) string { return e.route.Pattern.kinds() },
		expression{route, regexp.MustCompile(text.String())})
}

// Find asks one expression after the other.
func (r *Regex) Find(path []byte, values *Values) *Route {
	values.Len = 0
	for i := range r.routes {
		values.Hops++
		route := &r.routes[i]
		if len(route.route.Names) == 0 {
			if route.match.Match(path) {
				return route.route
			}
			continue
		}
		if at := route.match.FindSubmatchIndex(path); at != nil {
			for i := range route.route.Names {
				start, end := at[2*i+2], at[2*i+3]
				values.At[i] = path[start:end:end]
			}
			values.Len = len(route.route.Names)
			return route.route
		}
	}
	return nil
}
