// Package router finds the route of a path, in seven ways that give the same answer.
//
// A pattern is a list of segments behind slashes, each fixed text or one {parameter}; a parameter
// takes one whole segment that is not empty. Paths are matched as they were sent, still
// percent-encoded. Where several patterns match, the one decides that has fixed text at the first
// segment where they differ in kind: /user/new before /user/{id}, /a/{x} before /{x}/b. That is
// what net/http's ServeMux does too, except that it refuses patterns like the last two.
//
// Routers are filled at the start and only read afterwards; [Adaptive] switches between two by
// itself. A search allocates nothing, except in [Regex].
package router

import (
	"fmt"
	"sort"
	"strings"
)

// MaxParams is how many parameters a pattern may have.
const MaxParams = 8

// Router finds routes.
type Router interface {
	// Insert adds a route. The pattern must not be there yet, also not with other names.
	Insert(route *Route)
	// Find gives the route of a path, nil where there is none, and the values of its parameters, as
	// slices of the path. It counts the steps it took in Values.Hops.
	Find(path []byte, values *Values) *Route
}

// Route is what a router finds: a pattern, with whatever its owner keeps under it.
type Route struct {
	Pattern  Pattern
	Names    []string // of its parameters, in their order
	Handlers any      // the owner's
	Index    int      // the owner's
}

// Values are the parameters of a match.
type Values struct {
	At   [MaxParams][]byte
	Len  int
	Hops int // nodes, containers or routes looked at, over all searches
}

// Pattern is a pattern, cut into its segments.
type Pattern []Segment

// Segment is fixed text, or a parameter with its name.
type Segment struct {
	Text  string
	Param bool
}

// Parse reads a pattern such as /user/{id}.
func Parse(text string) (Pattern, error) {
	if !strings.HasPrefix(text, "/") {
		return nil, fmt.Errorf("the pattern %q does not begin with a slash", text)
	}
	var pattern Pattern
	params := 0
	for part := range strings.SplitSeq(text[1:], "/") {
		inner := strings.TrimSuffix(strings.TrimPrefix(part, "{"), "}")
		switch {
		case len(inner) == len(part)-2 && inner != "" && !strings.ContainsAny(inner, "{}"):
			params++
			pattern = append(pattern, Segment{inner, true})
		case strings.ContainsAny(part, "{}"):
			return nil, fmt.Errorf("in the pattern %q, %q is neither text nor one {parameter}", text, part)
		default:
			pattern = append(pattern, Segment{part, false})
		}
	}
	if params > MaxParams {
		return nil, fmt.Errorf("the pattern %q has %d parameters, and at most %d are kept", text, params, MaxParams)
	}
	return pattern, nil
}

// NewRoute makes a route of a pattern's text.
func NewRoute(text string) (*Route, error) {
	pattern, err := Parse(text)
	if err != nil {
		return nil, err
	}
	route := &Route{Pattern: pattern}
	for _, segment := range pattern {
		if segment.Param {
			route.Names = append(route.Names, segment.Text)
		}
	}
	return route, nil
}

// Static tells that a pattern has no parameters.
func (p Pattern) Static() bool {
	for _, segment := range p {
		if segment.Param {
			return false
		}
	}
	return true
}

// Key is the pattern's text with nameless parameters: equal for patterns that match the same.
func (p Pattern) Key() string {
	var text strings.Builder
	for _, segment := range p {
		text.WriteByte('/')
		if segment.Param {
			text.WriteString("{}")
		} else {
			text.WriteString(segment.Text)
		}
	}
	return text.String()
}

// kinds is "s" for each segment of fixed text and "t" for each parameter: patterns in the order of
// their kinds are in the order in which they are tried.
func (p Pattern) kinds() string {
	kinds := make([]byte, len(p))
	for i, segment := range p {
		kinds[i] = 's'
		if segment.Param {
			kinds[i] = 't'
		}
	}
	return string(kinds)
}

// byKinds inserts a route into a list at the place where its turn is.
func byKinds[T any](list []T, kinds func(T) string, item T) []T {
	key := kinds(item)
	at := sort.Search(len(list), func(i int) bool { return kinds(list[i]) > key })
	list = append(list, item)
	copy(list[at+1:], list[at:])
	list[at] = item
	return list
}

// segment gives the end of the segment that starts at a place, and whether it has any bytes.
func segmentEnd(path []byte, at int) (end int, some bool) {
	end = at
	for end < len(path) && path[end] != '/' {
		end++
	}
	return end, end > at
}

// New returns an empty router by its name.
func New(name string) (Router, error) {
	switch name {
	case "linear":
		return &Linear{}, nil
	case "regex":
		return &Regex{}, nil
	case "trie":
		return &Trie{}, nil
	case "radix":
		return &Radix{}, nil
	case "burst":
		return &Burst{}, nil
	case "adaptive":
		return NewAdaptive(), nil
	}
	return nil, fmt.Errorf("there is no router %q; there are %s", name, strings.Join(Names, ", "))
}

// Names are the routers that [New] makes.
var Names = []string{"adaptive", "burst", "linear", "radix", "regex", "trie"}
