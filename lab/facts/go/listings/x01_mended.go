//go:build listing

package main

import (
	"net/http"
	"time"

	"context"
)

func handler(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 100*time.Millisecond)
	defer cancel()
	_ = ctx
}

func main() { http.HandleFunc("/", handler) }
