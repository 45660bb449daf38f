package router

// Table is a route table that a program wrote before the server was compiled (see the command
// vie-gen): data and no code, so that the same search serves every application. Routes without
// parameters lie under a hash that gives each of them a place of its own; those with parameters
// are a flattened tree.
type Table struct {
	Patterns []string // all patterns; a number below is a place in here
	Seed     uint32   // makes Hash give each pattern without parameters a place of its own
	Places   []int16  // by Hash modulo their number, a power of two: a pattern's number, or -1
	Nodes    []Node   // a tree over segments, root first
}

// Node is a segment's node of a [Table].
type Node struct {
	Text  string // the segment's text
	Param bool   // it is a parameter instead
	Next  int16  // its next sibling, -1 for the last; a parameter is the last
	Below int16  // its first child, -1 for none
	Route int16  // the pattern that ends here, -1 for none
}

// Hash is FNV-1a from a seed on, folded once, since a table looks at its lowest bits only.
func Hash[Text string | []byte](seed uint32, text Text) uint32 {
	hash := seed ^ 2166136261
	for i := range len(text) {
		hash = (hash ^ uint32(text[i])) * 16777619
	}
	return hash ^ hash>>15
}

// Generated searches a [Table], and behind it a radix tree for routes that no program could have
// known, as those that a server is told of at its start.
type Generated struct {
	table  Table
	number map[string]int
	routes []*Route // by the table's numbers, nil for those that nobody inserted
	others Radix
	more   bool
}

// NewGenerated returns a router on a table, without routes.
func NewGenerated(table Table) *Generated {
	g := &Generated{table: table, number: map[string]int{}, routes: make([]*Route, len(table.Patterns))}
	for i, text := range table.Patterns {
		pattern, err := Parse(text)
		if err != nil {
			panic("vie: the generated table is damaged: " + err.Error())
		}
		g.number[pattern.Key()] = i
	}
	return g
}

// Insert puts a route in its place of the table, or into the tree behind.
func (g *Generated) Insert(route *Route) {
	if number, known := g.number[route.Pattern.Key()]; known {
		g.routes[number] = route
		return
	}
	g.others.Insert(route)
	g.more = true
}

// Left gives the patterns of the table that no route was inserted for: it is not of this program.
func (g *Generated) Left() []string {
	var left []string
	for i, route := range g.routes {
		if route == nil {
			left = append(left, g.table.Patterns[i])
		}
	}
	return left
}

// Find looks a path up in the table, and in the tree where that has routes. Between a table's and a
// tree's pattern with parameters the order of kinds decides, as everywhere.
func (g *Generated) Find(path []byte, values *Values) *Route {
	values.Len = 0
	if n := len(g.table.Places); n > 0 {
		values.Hops++
		place := g.table.Places[Hash(g.table.Seed, path)&uint32(n-1)]
		if place >= 0 && g.table.Patterns[place] == string(path) {
			if route := g.routes[place]; route != nil {
				return route
			}
		}
	}
	if !g.more {
		return g.inTable(path, values)
	}
	route := g.others.Find(path, values)
	if route != nil && len(route.Names) == 0 {
		return route
	}
	kept := *values
	other := g.inTable(path, values)
	if other == nil || route != nil && route.Pattern.kinds() < other.Pattern.kinds() {
		kept.Hops = values.Hops
		*values = kept
		return route
	}
	return other
}

func (g *Generated) inTable(path []byte, values *Values) *Route {
	values.Len = 0
	if len(g.table.Nodes) == 0 {
		return nil
	}
	return g.below(0, path, 0, values)
}

// below looks among the children of a node for the segment that starts at a place.
func (g *Generated) below(node int16, path []byte, at int, values *Values) *Route {
	if at == len(path) {
		if route := g.table.Nodes[node].Route; route >= 0 {
			return g.routes[route]
		}
		return nil
	}
	if path[at] != '/' {
		return nil
	}
	at++
	end, some := segmentEnd(path, at)
	for child := g.table.Nodes[node].Below; child >= 0; child = g.table.Nodes[child].Next {
		values.Hops++
		if node := &g.table.Nodes[child]; !node.Param {
			if string(path[at:end]) == node.Text {
				if route := g.below(child, path, end, values); route != nil {
					return route
				}
			}
			continue
		}
		if !some || values.Len == MaxParams {
			return nil
		}
		kept := values.Len
		values.At[kept] = path[at:end:end]
		values.Len++
		if route := g.below(child, path, end, values); route != nil {
			return route
		}
		values.Len = kept
	}
	return nil
}
