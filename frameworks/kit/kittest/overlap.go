package kittest

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"bench.lab/kit"
)

// overlapping is how many static routes lie beside the parameters.
const overlapping = 8

// overlap holds a router to what framework.yaml declares of static routes beside a parameter, by
// the names of frameworks/README.md. `lab check` asks the same of the built server.
func overlap(t *testing.T, serve Serve) {
	declared := slices.DeleteFunc([]string{"overlap-refused", "first-route-wins", "no-backtracking"},
		func(departure string) bool { return !departs(t, departure) })
	found := overlapDepartures(t, serve)
	if !slices.Equal(found, declared) {
		t.Errorf("With static routes beside the route with parameters the departures are [%s], and framework.yaml declares [%s] of these: see `departs` in frameworks/README.md.",
			strings.Join(found, ", "), strings.Join(declared, ", "))
	}
}

// overlapDepartures asks for static routes that the route with parameters matches too, and for
// paths that are only nearly theirs.
func overlapDepartures(t *testing.T, serve Serve) []string {
	routes := kit.ExtraRoutes(overlapping, kit.Beside)
	refused := make(chan struct{})
	base, client := start(t, func(options kit.Options, listener net.Listener) (err error) {
		defer func() {
			// A router says no to a route by a panic. Some frameworks return once they serve.
			if recover() != nil || err != nil {
				listener.Close()
				close(refused)
			}
		}()
		return serve(options, listener)
	}, kit.Options{Routes: routes})
	c := checker{base: base, client: client}
	if answer, err := client.Get(base + routes[0].Path); err != nil {
		select {
		case <-refused:
			return []string{"overlap-refused"}
		case <-time.After(time.Minute):
			t.Fatal(err)
		}
	} else {
		answer.Body.Close()
	}
	static, parameters, backtracked := 0, 0, 0
	for _, route := range routes {
		words := strings.Split(route.Path, "/") // "", user, id, post, slug
		id, slug := words[2], words[4]
		switch string(c.ask(t, "GET", route.Path, nil).body) {
		case route.Body:
			static++
		case id + "/" + slug:
			parameters++
		}
		// The first two leave the static route late and early; the third is longer than it.
		for _, near := range [][2]string{{id, "other"}, {"other", slug}, {id, slug + "x"}} {
			if string(c.ask(t, "GET", "/user/"+near[0]+"/post/"+near[1], nil).body) == near[0]+"/"+near[1] {
				backtracked++
			}
		}
	}
	var found []string
	switch {
	case parameters == overlapping:
		found = append(found, "first-route-wins")
	case static != overlapping:
		t.Errorf("Of %d static routes beside parameters %d answer themselves and the parameters for %d: there is no rule.",
			overlapping, static, parameters)
	}
	if backtracked != 3*overlapping {
		found = append(found, "no-backtracking")
	}
	return found
}
