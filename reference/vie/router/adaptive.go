package router

import (
	"math"
	"sync/atomic"
	"time"
)

// Adaptive keeps each subtree, the routes below one first segment, as a trie and as a radix tree,
// and looks every half a second which of the two it should be, by the rule of the other article:
//
//	should_compress = entropy < 0.75 and l3_miss_ratio > 0.12
//
// The entropy is that of the routes found in the last half a second, one request of 64 looked at,
// divided by that of as many routes in equal shares: 0 where all ask for one, 1 where all are asked
// for alike. The ratio of misses in the third cache would come from a counter that virtual machines
// don't have: it is a constant here, MissRatio, which decides nothing by itself.
//
// The zero value is not usable; see [NewAdaptive].
type Adaptive struct {
	MissRatio float64

	subtrees map[string]*subtree
	general  subtree // patterns that begin with a parameter
	asked    atomic.Uint32
	seen     []atomic.Uint32 // by a route's number
	number   map[*Route]int
}

type subtree struct {
	trie       Trie
	radix      Radix
	compressed atomic.Bool
	routes     []*Route
}

const (
	maxEntropy  = 0.75
	minMisses   = 0.12
	fixedMisses = 0.20
	sampled     = 64
	// Every is how often Adapt should be called.
	Every = 500 * time.Millisecond
)

// NewAdaptive returns an empty router whose MissRatio lets the entropy decide.
func NewAdaptive() *Adaptive {
	return &Adaptive{MissRatio: fixedMisses, subtrees: map[string]*subtree{}, number: map[*Route]int{}}
}

// Insert adds a route.
func (a *Adaptive) Insert(route *Route) {
	below := &a.general
	if first := route.Pattern[0]; !first.Param {
		if a.subtrees[first.Text] == nil {
			a.subtrees[first.Text] = &subtree{}
		}
		below = a.subtrees[first.Text]
	}
	below.trie.Insert(route)
	below.radix.Insert(route)
	below.routes = append(below.routes, route)
	a.number[route] = len(a.number)
	a.seen = make([]atomic.Uint32, len(a.number))
}

// Find looks below the first segment, then among patterns that begin with a parameter.
func (a *Adaptive) Find(path []byte, values *Values) *Route {
	values.Len = 0
	if len(path) == 0 || path[0] != '/' {
		return nil
	}
	end, _ := segmentEnd(path, 1)
	var route *Route
	if below := a.subtrees[string(path[1:end])]; below != nil {
		route = below.find(path, values)
	}
	if route == nil {
		route = a.general.find(path, values)
	}
	if route != nil && a.asked.Add(1)%sampled == 0 {
		a.seen[a.number[route]].Add(1)
	}
	return route
}

func (s *subtree) find(path []byte, values *Values) *Route {
	if s.compressed.Load() {
		return s.radix.Find(path, values)
	}
	return s.trie.Find(path, values)
}

// Adapt chooses a structure for each subtree by what was asked since it was called last. It may run
// while paths are looked for.
func (a *Adaptive) Adapt() {
	for _, below := range a.subtrees {
		a.adapt(below)
	}
	a.adapt(&a.general)
}

func (a *Adaptive) adapt(below *subtree) {
	counts := make([]float64, len(below.routes))
	for i, route := range below.routes {
		counts[i] = float64(a.seen[a.number[route]].Swap(0))
	}
	// Nobody asked: there is nothing to learn, and it stays as it is.
	if entropy, known := evenness(counts); known {
		below.compressed.Store(entropy < maxEntropy && a.MissRatio > minMisses)
	}
}

// Compress makes all subtrees radix trees, or tries, until Adapt is called next.
func (a *Adaptive) Compress(compressed bool) {
	for _, below := range a.subtrees {
		below.compressed.Store(compressed)
	}
	a.general.compressed.Store(compressed)
}

// Compressed counts the subtrees that are radix trees now, and all.
func (a *Adaptive) Compressed() (compressed, all int) {
	for _, below := range a.subtrees {
		if below.compressed.Load() {
			compressed++
		}
	}
	if a.general.compressed.Load() {
		compressed++
	}
	return compressed, len(a.subtrees) + 1
}

// evenness is the Shannon entropy of counts divided by the largest that so many could have; 0 for
// one count alone.
func evenness(counts []float64) (evenness float64, known bool) {
	sum := 0.0
	for _, count := range counts {
		sum += count
	}
	if sum == 0 {
		return 0, false
	}
	if len(counts) == 1 {
		return 0, true
	}
	entropy := 0.0
	for _, count := range counts {
		if count > 0 {
			share := count / sum
			entropy -= share * math.Log2(share)
		}
	}
	return entropy / math.Log2(float64(len(counts))), true
}
