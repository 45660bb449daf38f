package router_test

import (
	"strings"
	"testing"
)

// The article's own listing of its burst tree, chapter 3.1, kept as it stands but for the types
// that it leaves out. It is not a burst trie: there are no containers and nothing bursts. And it
// is wrong, which the test below shows.

type listingNode struct {
	wildcard bool
	children map[string]*listingNode
	route    string
}

func (n *listingNode) isWildcard() bool { return n.wildcard }

// wildcardMatch is not shown by the article; it can only take what is left of the path.
func (n *listingNode) wildcardMatch([]string) *listingNode { return n }

type listingTree struct{ root *listingNode }

func (bt *listingTree) Match(path []string) *listingNode {
	node := bt.root
	for i, seg := range path {
		if node.isWildcard() { // Supports :id/*path, the listing says.
			return node.wildcardMatch(path[i:])
		}
		node = node.children[seg]
		if node == nil {
			return nil
		}
	}
	return node
}

// A node that is a wildcard answers before its children are looked at, so a static route beside a
// parameter is never found; and where a node is no wildcard, nothing but a static child is. There
// is no way to build the tree that gives both routes.
func TestTheArticlesListingShadowsStaticRoutes(t *testing.T) {
	build := func(wildcard bool) *listingTree {
		user := &listingNode{wildcard: wildcard, route: "/user/:id", children: map[string]*listingNode{
			"new": {route: "/user/new"},
		}}
		return &listingTree{&listingNode{children: map[string]*listingNode{"user": user}}}
	}
	find := func(tree *listingTree, path string) string {
		if node := tree.Match(strings.Split(path[1:], "/")); node != nil {
			return node.route
		}
		return "nothing"
	}
	for _, c := range []struct {
		wildcard  bool
		path, got string
	}{
		{true, "/user/new", "/user/:id"}, // wrong: /user/new is shadowed
		{true, "/user/7", "/user/:id"},
		{false, "/user/new", "/user/new"},
		{false, "/user/7", "nothing"},           // wrong: /user/:id is not found
		{true, "/user/7/and/more", "/user/:id"}, // wrong: the parameter takes any number of segments
	} {
		if got := find(build(c.wildcard), c.path); got != c.got {
			t.Errorf("The listing finds %s for %s: it is not what was looked at.", got, c.path)
		}
	}
	for name, made := range all(t, []string{"/user/{id}", "/user/new"}) {
		if got := found(made, "/user/new"); got != "/user/new" {
			t.Errorf("%s finds %s for /user/new.", name, got)
		}
	}
}
