package main

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// Three ways to find a path among many, with a count of the nodes that a look goes through.

// letters is a trie with a node a byte.
type letters struct {
	next map[byte]*letters
	end  bool
}

func (t *letters) add(path string) (steps int) {
	for i := range len(path) {
		if t.next == nil {
			t.next = map[byte]*letters{}
		}
		if t.next[path[i]] == nil {
			t.next[path[i]] = &letters{}
		}
		t = t.next[path[i]]
		steps++
	}
	t.end = true
	return steps
}

func (t *letters) find(path string) (hops int, found bool) {
	for i := range len(path) {
		if t = t.next[path[i]]; t == nil {
			return hops, false
		}
		hops++
	}
	return hops, t.end
}

// radix is a trie in which a node holds all bytes up to the next fork.
type radix struct {
	prefix string
	next   []*radix
	end    bool
}

func (t *radix) add(path string) {
	for {
		child := t.child(path)
		if child == nil {
			t.next = append(t.next, &radix{prefix: path, end: true})
			return
		}
		shared := 0
		for shared < len(path) && shared < len(child.prefix) && path[shared] == child.prefix[shared] {
			shared++
		}
		if shared < len(child.prefix) {
			rest := *child
			rest.prefix = child.prefix[shared:]
			*child = radix{prefix: child.prefix[:shared], next: []*radix{&rest}}
		}
		if path = path[shared:]; path == "" {
			child.end = true
			return
		}
		t = child
	}
}

func (t *radix) child(path string) *radix {
	for _, child := range t.next {
		if path != "" && child.prefix[0] == path[0] {
			return child
		}
	}
	return nil
}

func (t *radix) find(path string) (hops int, found bool) {
	for path != "" {
		if t = t.child(path); t == nil || !strings.HasPrefix(path, t.prefix) {
			return hops, false
		}
		path = path[len(t.prefix):]
		hops++
	}
	return hops, t.end
}

// segments is a trie with a node a segment.
type segments struct {
	name string
	next []*segments
	end  bool
}

func (t *segments) add(path []string) (steps int) {
	for _, name := range path {
		child := t.child(name)
		if child == nil {
			child = &segments{name: name}
			t.next = append(t.next, child)
		}
		t = child
		steps++
	}
	t.end = true
	return steps
}

func (t *segments) child(name string) *segments {
	for _, child := range t.next {
		if child.name == name {
			return child
		}
	}
	return nil
}

func (t *segments) find(path []string) (hops int, found bool) {
	for _, name := range path {
		if t = t.child(name); t == nil {
			return hops, false
		}
		hops++
	}
	return hops, t.end
}

// listed is the text's own listing of a burst tree: maps by segment, and a look whether the node is
// a wildcard before its children are looked at. What isWildcard means it leaves open: that the node
// has a wildcard below it, or that it is one; itself says which.
type listed struct {
	next   map[string]*listed
	below  *listed // what a wildcard below leads to
	itself bool    // reads isWildcard as "is one"
	wild   bool
	route  string
}

func (t *listed) add(route string) (steps int) {
	for _, name := range split(route) {
		child := &listed{itself: t.itself}
		switch {
		case name[0] == ':' || name[0] == '*':
			if t.below != nil {
				child = t.below
			}
			child.wild = true
			t.below = child
		default:
			if t.next == nil {
				t.next = map[string]*listed{}
			}
			if t.next[name] != nil {
				child = t.next[name]
			}
			t.next[name] = child
		}
		t = child
		steps++
	}
	t.route = route
	return steps
}

func (t *listed) isWildcard() bool {
	if t.itself {
		return t.wild
	}
	return t.below != nil
}

func (t *listed) match(path []string, hops *int) *listed {
	node := t
	for i, name := range path {
		if node.isWildcard() {
			return node.wildcardMatch(path[i:], hops)
		}
		node = node.next[name]
		*hops++
		if node == nil {
			return nil
		}
	}
	return node
}

// wildcardMatch is not in the listing; this is the most that its name promises: the first segment
// goes to the wildcard, and the rest is looked for below it.
func (t *listed) wildcardMatch(path []string, hops *int) *listed {
	below := t.below
	if t.itself {
		below = t
	}
	*hops++
	if below == nil {
		return nil
	}
	return below.match(path[1:], hops)
}

func split(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// synthetic makes paths of words that are drawn from a fixed sequence.
func synthetic(count, depth int) []string {
	state := uint64(1)
	draw := func(n uint64) uint64 {
		state = state*6364136223846793005 + 1442695040888963407
		return state >> 33 % n
	}
	seen := map[string]bool{}
	var paths []string
	for len(paths) < count {
		var path strings.Builder
		for range depth {
			path.WriteByte('/')
			for range 3 + draw(6) {
				path.WriteByte(byte('a' + draw(26)))
			}
		}
		if !seen[path.String()] {
			seen[path.String()] = true
			paths = append(paths, path.String())
		}
	}
	return paths
}

// resources makes paths as an API with many kinds of things has them: few words, long common beginnings.
func resources(count int) []string {
	owners := []string{"orgs", "repos", "users", "teams", "projects", "gists", "apps", "events"}
	parts := []string{"issues", "pulls", "commits", "branches", "labels", "hooks", "keys", "releases", "comments", "members"}
	var paths []string
	for i := 0; len(paths) < count; i++ {
		owner := owners[i%len(owners)]
		first, second := parts[i/len(owners)%len(parts)], parts[i/len(owners)/len(parts)%len(parts)]
		paths = append(paths, fmt.Sprintf("/api/v1/%s/%s/%s/%d", owner, first, second, i/len(owners)/len(parts)/len(parts)))
	}
	return paths
}

type finder interface{ find(string) (int, bool) }

// hops is the mean over all paths of a set.
func hops(tree finder, paths []string) float64 {
	total := 0
	for _, path := range paths {
		n, found := tree.find(path)
		if !found {
			check(fmt.Errorf("%s is not found", path))
		}
		total += n
	}
	return float64(total) / float64(len(paths))
}

func letterTree(paths []string) *letters {
	tree := &letters{}
	for _, path := range paths {
		tree.add(path)
	}
	return tree
}

func radixTree(paths []string) *radix {
	tree := &radix{}
	for _, path := range paths {
		tree.add(path)
	}
	return tree
}

// bytesOf is what a tree keeps on the heap.
func bytesOf(build func() any) float64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tree := build()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(tree)
	return float64(after.HeapAlloc) - float64(before.HeapAlloc)
}

// wrong counts the requests for which the listing does not find the route that a static segment
// before a parameter, and a parameter with anything, should lead to.
func wrong(itself bool) float64 {
	tree := &listed{itself: itself}
	for _, route := range []string{"/user/new", "/user/:id", "/user/:id/post/:slug"} {
		tree.add(route)
	}
	wrong := 0.0
	for path, route := range map[string]string{"/user/new": "/user/new", "/user/42": "/user/:id", "/user/42/post/x": "/user/:id/post/:slug"} {
		count := 0
		if node := tree.match(split(path), &count); node == nil || node.route != route {
			wrong++
		}
	}
	return wrong
}

func init() {
	exact("listing_wrong", "1", "of three paths, those for which the listing of a burst tree does not find the route, by the reading of isWildcard that finds more", func() float64 {
		return min(wrong(false), wrong(true))
	})
	exact("listing_hops_over_segments", "1", "nodes that the listing goes through for 10,000 static routes, over those of a plain trie of segments", func() float64 {
		paths := synthetic(10_000, 4)
		tree, plain := &listed{}, &segments{}
		for _, path := range paths {
			tree.add(path)
			plain.add(split(path))
		}
		count, other := 0, 0
		for _, path := range paths {
			tree.match(split(path), &count)
			n, _ := plain.find(split(path))
			other += n
		}
		return float64(count) / float64(other)
	})
	exact("listing_insert_growth", "1", "steps to put a path of eight segments into the listing's tree, over those for two", func() float64 {
		tree := &listed{}
		long, short := tree.add(synthetic(1, 8)[0]), tree.add(synthetic(1, 2)[0])
		return float64(long) / float64(short)
	})
	exact("trie_insert_growth", "1", "the same with a trie of segments", func() float64 {
		tree := &segments{}
		long, short := tree.add(split(synthetic(1, 8)[0])), tree.add(split(synthetic(1, 2)[0]))
		return float64(long) / float64(short)
	})
	exact("trie_hops_by_depth", "1", "nodes that a trie of bytes goes through for paths of sixteen segments, over those for two", func() float64 {
		long, short := synthetic(1000, 16), synthetic(1000, 2)
		return hops(letterTree(long), long) / hops(letterTree(short), short)
	})
	exact("trie_hops_by_count", "1", "nodes that a trie of bytes goes through among 10,000 routes, over those among 100", func() float64 {
		many, few := synthetic(10_000, 4), synthetic(100, 4)
		return hops(letterTree(many), few) / hops(letterTree(few), few)
	})
	exact("radix_hops_by_count", "1", "nodes that a radix tree goes through among 10,000 routes, over those among 100, for the same paths", func() float64 {
		many, few := synthetic(10_000, 4), synthetic(100, 4)
		return hops(radixTree(many), few) / hops(radixTree(few), few)
	})
	const mean = "nodes that a trie of bytes goes through, over those of a radix tree, among 10,000 routes"
	exact("hops_trie_over_radix_synthetic", "1", mean+" of drawn words", func() float64 {
		paths := synthetic(10_000, 4)
		return hops(letterTree(paths), paths) / hops(radixTree(paths), paths)
	})
	exact("hops_trie_over_radix_resources", "1", mean+" as an API with many kinds of things has them", func() float64 {
		paths := resources(10_000)
		return hops(letterTree(paths), paths) / hops(radixTree(paths), paths)
	})
	counted("bytes_trie_over_radix", "1", "memory of a trie of bytes with 10,000 routes, over that of a radix tree", func() float64 {
		paths := synthetic(10_000, 4)
		return bytesOf(func() any { return letterTree(paths) }) / bytesOf(func() any { return radixTree(paths) })
	})
	counted("bytes_radix_over_listing", "1", "memory of a radix tree with 10,000 routes, over that of the listing's tree", func() float64 {
		paths := synthetic(10_000, 4)
		return bytesOf(func() any { return radixTree(paths) }) / bytesOf(func() any {
			tree := &listed{}
			for _, path := range paths {
				tree.add(path)
			}
			return tree
		})
	})
	exact("frozen_match_allocs", "1", "heap allocations of finding a route with a parameter in an array by a loop, with the answer on the stack", func() float64 {
		path := "/user/42"
		sink := 0
		allocs := testing.AllocsPerRun(1000, func() {
			_, parameter := frozenMatch(path)
			sink += len(parameter)
		})
		return allocs
	})
}

var frozen = [...]string{"/", "/about", "/user/:id"}

// frozenMatch finds the route, and what its parameter is.
func frozenMatch(path string) (route int, parameter string) {
	for i, pattern := range frozen {
		if at := strings.IndexByte(pattern, ':'); at >= 0 && strings.HasPrefix(path, pattern[:at]) {
			return i, path[at:]
		}
		if pattern == path {
			return i, ""
		}
	}
	return -1, ""
}
