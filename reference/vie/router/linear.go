package router

// Linear asks every route in turn: a list without parameters before those with.
type Linear struct {
	routes []*Route
}

// Insert adds a route.
func (l *Linear) Insert(route *Route) {
	l.routes = byKinds(l.routes, func(r *Route) string { return r.Pattern.kinds() }, route)
}

// Find asks one route after the other.
func (l *Linear) Find(path []byte, values *Values) *Route {
	for _, route := range l.routes {
		values.Hops++
		if route.Pattern.match(path, values) {
			return route
		}
	}
	values.Len = 0
	return nil
}

// match goes along pattern and path together.
func (p Pattern) match(path []byte, values *Values) bool {
	values.Len = 0
	at := 0
	for i := range p {
		if at == len(path) || path[at] != '/' {
			return false
		}
		at++
		if !p[i].Param {
			end := at + len(p[i].Text)
			if end > len(path) || string(path[at:end]) != p[i].Text {
				return false
			}
			at = end
			continue
		}
		end, some := segmentEnd(path, at)
		if !some {
			return false
		}
		values.At[values.Len] = path[at:end:end]
		values.Len++
		at = end
	}
	return at == len(path)
}
