package router

// Burst is a burst trie (Heinz, Zobel, Williams, "Burst tries: a fast, efficient data structure
// for string keys", 2002): a few strings are kept together in a container, and a container that
// holds too many bursts into a node with a container for each first byte. Parameters part strings
// as bytes do.
type Burst struct {
	root burstTree
}

// burstAt is how many records a container holds before it bursts.
const burstAt = 16

// burstTree is a container, or a node with trees below it. Its zero value is an empty container.
type burstTree struct {
	records []record // of a container, in the order in which they are tried
	node    *burstNode
}

// burstNode has a tree for each byte that a string may go on with.
type burstNode struct {
	fixed [256]*burstTree // 2 KiB a node: a container bursts seldom
	param *burstTree
	route *Route // of the string that ends here
}

// record is what is left of a pattern at its container.
type record struct {
	rest  []token
	kinds string
	route *Route
}

// Insert adds a route.
func (b *Burst) Insert(route *Route) {
	b.root.insert(record{route.Pattern.tokens(), route.Pattern.kinds(), route})
}

func (t *burstTree) insert(r record) {
	if t.node != nil {
		t.node.insert(r)
		return
	}
	t.records = byKinds(t.records, func(r record) string { return r.kinds }, r)
	if len(t.records) <= burstAt {
		return
	}
	t.node = &burstNode{}
	for _, r := range t.records {
		t.node.insert(r)
	}
	t.records = nil
}

// insert takes the first byte, or the parameter, off a record and passes it down.
func (n *burstNode) insert(r record) {
	if len(r.rest) == 0 {
		n.route = r.route
		return
	}
	first := r.rest[0]
	if first.param {
		if n.param == nil {
			n.param = &burstTree{}
		}
		n.param.insert(record{r.rest[1:], r.kinds, r.route})
		return
	}
	rest := r.rest[1:]
	if len(first.text) > 1 {
		rest = append([]token{{text: first.text[1:]}}, rest...)
	}
	below := n.fixed[first.text[0]]
	if below == nil {
		below = &burstTree{}
		n.fixed[first.text[0]] = below
	}
	below.insert(record{rest, r.kinds, r.route})
}

// Find goes down the nodes by bytes, and looks through the container at the end.
func (b *Burst) Find(path []byte, values *Values) *Route {
	values.Len = 0
	return b.root.find(path, 0, values)
}

func (t *burstTree) find(path []byte, at int, values *Values) *Route {
	values.Hops++
	if t.node != nil {
		return t.node.find(path, at, values)
	}
	for i := range t.records {
		kept := values.Len
		if matchTokens(t.records[i].rest, path, at, values) {
			return t.records[i].route
		}
		values.Len = kept
	}
	return nil
}

func (n *burstNode) find(path []byte, at int, values *Values) *Route {
	if at == len(path) {
		return n.route
	}
	if below := n.fixed[path[at]]; below != nil {
		if route := below.find(path, at+1, values); route != nil {
			return route
		}
	}
	end, some := segmentEnd(path, at)
	if n.param == nil || !some || values.Len == MaxParams {
		return nil
	}
	kept := values.Len
	values.At[kept] = path[at:end:end]
	values.Len++
	if route := n.param.find(path, end, values); route != nil {
		return route
	}
	values.Len = kept
	return nil
}

func matchTokens(rest []token, path []byte, at int, values *Values) bool {
	for i := range rest {
		if !rest[i].param {
			end := at + len(rest[i].text)
			if end > len(path) || string(path[at:end]) != rest[i].text {
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
