package router

// Trie has a node for each segment, and its children in a map.
type Trie struct {
	root trieNode
}

type trieNode struct {
	fixed map[string]*trieNode
	param *trieNode
	route *Route
}

// Insert adds a route.
func (t *Trie) Insert(route *Route) {
	node := &t.root
	for _, segment := range route.Pattern {
		next := node.param
		if !segment.Param {
			next = node.fixed[segment.Text]
		}
		if next == nil {
			next = &trieNode{}
			if segment.Param {
				node.param = next
			} else {
				if node.fixed == nil {
					node.fixed = map[string]*trieNode{}
				}
				node.fixed[segment.Text] = next
			}
		}
		node = next
	}
	node.route = route
}

// Find goes down a segment a step.
func (t *Trie) Find(path []byte, values *Values) *Route {
	values.Len = 0
	return t.root.find(path, 0, values)
}

func (n *trieNode) find(path []byte, at int, values *Values) *Route {
	values.Hops++
	if at == len(path) {
		return n.route
	}
	if path[at] != '/' {
		return nil
	}
	at++
	end, some := segmentEnd(path, at)
	if next := n.fixed[string(path[at:end])]; next != nil {
		if route := next.find(path, end, values); route != nil {
			return route
		}
	}
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
