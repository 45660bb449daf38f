//go:build ignore

package main

import (
	"net/http"

	"bench.lab/kit"
)

// This file is only in the copy that switches: it answers rightly, but past the router, and no
// request shows it.
func init() {
	cheats["switches"] = func(right http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch path := r.URL.Path; path {
			case "/plaintext":
				if r.Method == "GET" {
					answer(w, plain, kit.Plaintext)
					return
				}
			}
			right.ServeHTTP(w, r)
		})
	}
}
