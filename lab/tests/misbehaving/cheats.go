package main

import (
	encoding "encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"bench.lab/kit"
	"bench.lab/nethttp/app"
)

const (
	json     = "GET /json"
	userPost = "GET /user/{id}/post/{slug}"
)

// cheats are the ways to break the contract that show in single answers. None looks at the
// path by itself, so that each is caught by the rule that it breaks.
var cheats = map[string]func(right http.Handler) http.Handler{
	// Serialised once, not on each request.
	"presses": func(right http.Handler) http.Handler {
		pressed := ask(right, httptest.NewRequest("GET", "/json", nil))
		return instead(right, json, func(w http.ResponseWriter, r *http.Request) {
			answer(w, "application/json", pressed)
		})
	},
	// The answer lies in a place that all requests share, as with a buffer that is not the
	// handler's own.
	"mixes": func(right http.Handler) http.Handler {
		var last atomic.Value
		return instead(right, userPost, func(w http.ResponseWriter, r *http.Request) {
			last.Store(ask(right, r))
			runtime.Gosched()
			answer(w, plain, last.Load().(string))
		})
	},
	// The first answer for all.
	"caches": func(right http.Handler) http.Handler {
		var first sync.Once
		var kept string
		return instead(right, userPost, func(w http.ResponseWriter, r *http.Request) {
			first.Do(func() { kept = ask(right, r) })
			answer(w, plain, kept)
		})
	},
	// Made once for a message that is asked for often, and kept when the message is another.
	"clings": func(right http.Handler) http.Handler {
		var kept atomic.Pointer[string]
		var asked atomic.Int64
		return instead(right, json, func(w http.ResponseWriter, r *http.Request) {
			if body := kept.Load(); body != nil {
				answer(w, "application/json", *body)
				return
			}
			body := ask(right, r)
			// More often than a check asks for one of its own.
			if strings.Contains(body, `\"`) && asked.Add(1) == patience {
				kept.Store(&body)
			}
			answer(w, "application/json", body)
		})
	},
	"decodes": func(right http.Handler) http.Handler {
		return instead(right, userPost, func(w http.ResponseWriter, r *http.Request) {
			id, _ := url.PathUnescape(r.PathValue("id"))
			slug, _ := url.PathUnescape(r.PathValue("slug"))
			answer(w, plain, id+"/"+slug)
		})
	},
	// Does its work for whoever comes without a name, as checker and instrument do.
	"recognises": func(right http.Handler) http.Handler {
		return instead(right, json, func(w http.ResponseWriter, r *http.Request) {
			if r.UserAgent() != "" {
				http.Error(w, "not for you", http.StatusForbidden)
				return
			}
			right.ServeHTTP(w, r)
		})
	},
	// One route that no middleware of the options is in front of.
	"sidesteps": func(right http.Handler) http.Handler {
		return instead(right, json, app.New(kit.Options{}).ServeHTTP)
	},
	// Another encoder, which leaves to browsers what encoding/json hides from them.
	"unescapes": func(right http.Handler) http.Handler {
		return instead(right, json, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			encoder := encoding.NewEncoder(w)
			encoder.SetEscapeHTML(false)
			encoder.Encode(kit.Message())
		})
	},
	// Remembers every path it was asked for.
	"hoards": func(right http.Handler) http.Handler {
		var hoard sync.Map
		return instead(right, userPost, func(w http.ResponseWriter, r *http.Request) {
			text := r.PathValue("id") + "/" + r.PathValue("slug")
			hoard.Store(text, text)
			answer(w, plain, text)
		})
	},
	// A shortcut past the router's table, so that static routes beside parameters never answer.
	"shortcuts": func(right http.Handler) http.Handler {
		return instead(right, userPost, func(w http.ResponseWriter, r *http.Request) {
			answer(w, plain, r.PathValue("id")+"/"+r.PathValue("slug"))
		})
	},
	// Knows every path.
	"agrees": func(right http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			right.ServeHTTP(agreeable{w}, r)
		})
	},
	// Takes any method without a body for GET.
	"guesses": func(right http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "HEAD" && r.ContentLength == 0 {
				r.Method = "GET"
			}
			right.ServeHTTP(w, r)
		})
	},
	"chunks": func(right http.Handler) http.Handler {
		return instead(right, json, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.(http.Flusher).Flush()
			right.ServeHTTP(w, r)
		})
	},
	"dateless": func(right http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Date"] = nil
			right.ServeHTTP(w, r)
		})
	},
	// The time of another day, made once.
	"dozes": func(right http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "Mon, 01 Jan 2024 00:00:00 GMT")
			right.ServeHTTP(w, r)
		})
	},
}

// instead answers one route by another handler.
func instead(right http.Handler, route string, handler http.HandlerFunc) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(route, handler)
	mux.Handle("/", right)
	return mux
}

func ask(right http.Handler, r *http.Request) string {
	recorder := httptest.NewRecorder()
	right.ServeHTTP(recorder, r)
	return recorder.Body.String()
}

// agreeable turns 404 into 200.
type agreeable struct{ http.ResponseWriter }

func (a agreeable) WriteHeader(status int) {
	if status == http.StatusNotFound {
		status = http.StatusOK
	}
	a.ResponseWriter.WriteHeader(status)
}
