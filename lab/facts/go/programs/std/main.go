// Command std serves with the standard library alone: the smallest service there is.
package main

import (
	"io"
	"net/http"
)

func main() {
	http.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") })
	http.ListenAndServe("127.0.0.1:0", nil)
}
