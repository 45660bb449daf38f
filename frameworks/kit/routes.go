package kit

import "strconv"

// Route is one extra GET route. It answers with Body as text/plain.
type Route struct {
	Path string
	Body string // the route's own index
}

// RouteSet says how alike the paths of the extra routes are.
type RouteSet string

const (
	// Distinct paths differ within their first few bytes: /lusab/babad.
	Distinct RouteSet = "distinct"
	// Shared paths are the distinct ones behind one long prefix, so that a router
	// reads some forty bytes before it can tell two of them apart.
	Shared RouteSet = "shared"
	// Beside are static paths that the contract's route with parameters matches too:
	// /user/lusab/post/babad. Not every router takes both.
	Beside RouteSet = "beside"
)

const sharedPrefix = "/public/api/v1/catalogue/products/by-name"

// routeSeed sets the paths apart from the bytes of Blob, which come from the same
// generator. Changing it changes every route set.
const routeSeed = 0x6c6162 // "lab"

// ExtraRoutes returns the first n routes of a set. The set is the same on every
// machine, and a longer one begins with the shorter one. The names are proquints
// (pronounceable quintuplets, arXiv:0901.4016) of scrambled indices: no two are
// the same, none is in the order of its index, and each can be read aloud.
func ExtraRoutes(n int, set RouteSet) []Route {
	prefix, between := "", "/"
	switch set {
	case Shared:
		prefix = sharedPrefix
	case Beside:
		prefix, between = "/user", "/post/"
	}
	routes := make([]Route, n)
	for i := range routes {
		name := mix(uint32(i) ^ routeSeed)
		path := append([]byte(prefix), '/')
		path = appendProquint(path, uint16(name>>16))
		path = append(path, between...)
		path = appendProquint(path, uint16(name))
		routes[i] = Route{Path: string(path), Body: strconv.Itoa(i)}
	}
	return routes
}

// appendProquint writes 16 bits as consonant, vowel, consonant, vowel, consonant.
func appendProquint(to []byte, bits uint16) []byte {
	const consonants, vowels = "bdfghjklmnprstvz", "aiou"
	return append(to,
		consonants[bits>>12],
		vowels[bits>>10&3],
		consonants[bits>>6&15],
		vowels[bits>>4&3],
		consonants[bits&15])
}
