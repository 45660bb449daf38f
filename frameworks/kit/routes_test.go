package kit

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestRoutesNeverChange pins the first routes, since results for a number of routes
// are only comparable while the routes are the same.
func TestRoutesNeverChange(t *testing.T) {
	want := []Route{{"/zisag/juhut", "0"}, {"/nimok/bimub", "1"}, {"/gigur/lipaz", "2"}}
	if got := ExtraRoutes(3, Distinct); !slices.Equal(got, want) {
		t.Errorf("The routes are %q, want %q.", got, want)
	}
}

func TestRoutesAreUniqueAndKnowTheirIndex(t *testing.T) {
	for _, set := range []RouteSet{Distinct, Shared, Beside} {
		seen := make(map[string]bool)
		for i, route := range ExtraRoutes(maxRoutes, set) {
			if seen[route.Path] {
				t.Fatalf("The %s path %s comes twice.", set, route.Path)
			}
			seen[route.Path] = true
			if route.Body != strconv.Itoa(i) {
				t.Fatalf("Route %d answers with %q.", i, route.Body)
			}
		}
	}
}

func TestSharedRoutesAreTheDistinctOnesBehindAPrefix(t *testing.T) {
	distinct, shared := ExtraRoutes(100, Distinct), ExtraRoutes(100, Shared)
	for i := range shared {
		if tail, found := strings.CutPrefix(shared[i].Path, sharedPrefix); !found || tail != distinct[i].Path {
			t.Errorf("Route %d is %s, and without the prefix %s.", i, shared[i].Path, distinct[i].Path)
		}
	}
}

func TestRoutesBesideParametersMatchTheContractsRoute(t *testing.T) {
	if got, want := ExtraRoutes(1, Beside)[0].Path, "/user/zisag/post/juhut"; got != want {
		t.Errorf("The first route is %s, want %s.", got, want)
	}
}

func TestProquintsFollowTheirPublishedExamples(t *testing.T) {
	// 127.0.0.1 and 63.84.220.193 are examples of arXiv:0901.4016.
	for bits, want := range map[uint16]string{0x7f00: "lusab", 0x0001: "babad", 0x3f54: "gutih", 0xdcc1: "tugad"} {
		if got := string(appendProquint(nil, bits)); got != want {
			t.Errorf("%#x is %q, want %q.", bits, got, want)
		}
	}
}
