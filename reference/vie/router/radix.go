package router

// Radix has a node for each place where texts part (a Patricia tree over bytes), and parameters as
// nodes of their own.
type Radix struct {
	root radixNode
}

type radixNode struct {
	text  string // what stands before this node's children
	first []byte // of each child's text
	fixed []*radixNode
	param *radixNode // what follows a parameter here
	route *Route
}

// token is a pattern as trees over bytes see it: fixed text with its slashes, or a parameter.
type token struct {
	text  string
	param bool
}

func (p Pattern) tokens() []token {
	var tokens []token
	text := ""
	for _, segment := range p {
		text += "/"
		if segment.Param {
			tokens = append(tokens, token{text: text}, token{param: true})
			text = ""
		} else {
			text += segment.Text
		}
	}
	if text != "" {
		tokens = append(tokens, token{text: text})
	}
	return tokens
}

// Insert adds a route.
func (r *Radix) Insert(route *Route) {
	node := &r.root
	for _, token := range route.Pattern.tokens() {
		if !token.param {
			node = node.insert(token.text)
			continue
		}
		if node.param == nil {
			node.param = &radixNode{}
		}
		node = node.param
	}
	node.route = route
}

// insert gives the node behind a text, and splits nodes where it must.
func (n *radixNode) insert(text string) *radixNode {
	for text != "" {
		child := n.child(text[0])
		if child == nil {
			child = &radixNode{text: text}
			n.first = append(n.first, text[0])
			n.fixed = append(n.fixed, child)
			return child
		}
		same := 0
		for same < len(text) && same < len(child.text) && text[same] == child.text[same] {
			same++
		}
		if same < len(child.text) {
			rest := *child
			rest.text = child.text[same:]
			*child = radixNode{text: text[:same], first: []byte{rest.text[0]}, fixed: []*radixNode{&rest}}
		}
		text = text[same:]
		n = child
	}
	return n
}

func (n *radixNode) child(c byte) *radixNode {
	for i, first := range n.first {
		if first == c {
			return n.fixed[i]
		}
	}
	return nil
}

// Find goes down the tree, and back where a fixed text led nowhere.
func (r *Radix) Find(path []byte, values *Values) *Route {
	values.Len = 0
	return r.root.find(path, 0, values)
}

func (n *radixNode) find(path []byte, at int, values *Values) *Route {
	values.Hops++
	if at == len(path) {
		return n.route
	}
	if child := n.child(path[at]); child != nil {
		end := at + len(child.text)
		if end <= len(path) && string(path[at:end]) == child.text {
			if route := child.find(path, end, values); route != nil {
				return route
			}
		}
	}
	if n.param == nil {
		return nil
	}
	end, some := segmentEnd(path, at)
	if !some || values.Len == MaxParams {
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
