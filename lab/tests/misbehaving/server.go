// Command server is net/http's server of the lab, made to misbehave in one way.
//
// The tests copy this folder, write the wanted behaviour into behaviour.go and hand the
// copy to the lab with --framework-dir.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"bench.lab/kit"
	"bench.lab/nethttp/app"
)

// patience is how many requests a server answers rightly that misbehaves under load only: more
// than the contract check sends to /plaintext, and so few that the first moments of load reach
// it on any machine, also one that is busy with something else.
const patience = 100

var requests atomic.Int64

func main() {
	switch behaviour {
	case "exits":
		fmt.Fprintln(os.Stderr, "no database at db.internal:5432")
		os.Exit(3)
	case "never-listens":
		fmt.Fprintln(os.Stderr, "waiting for the moon")
		time.Sleep(time.Hour)
	case "chatty":
		fmt.Println("routes registered: 5")
	}
	if start, found := starts[behaviour]; found {
		start()
	}
	options := kit.Setup("misbehaving")
	if behaviour == "forgets" {
		options.Routes = options.Routes[:len(options.Routes)/2]
	}
	server := &http.Server{Handler: misbehave(app.New(options))}
	if behaviour == "deaf" {
		signal.Ignore(syscall.SIGTERM)
		fmt.Fprintln(os.Stderr, serve(options.Listen, server))
		os.Exit(1)
	}
	if behaviour == "stray" {
		go http.ListenAndServe("0.0.0.0:0", nil)
	}
	kit.Run(options, kit.Server{
		Serve:    server.Serve,
		ServeTLS: server.ServeTLS,
		Shutdown: server.Shutdown,
	})
}

func serve(address string, server *http.Server) error {
	server.Addr = address
	return server.ListenAndServe()
}

// misbehave gives way under load only to /plaintext, which the tests' campaigns measure: the
// contract check asks other routes more often than any patience lasts.
func misbehave(right http.Handler) http.Handler {
	if cheat, found := cheats[behaviour]; found {
		return cheat(right)
	}
	if way, found := later(behaviour); found {
		return counted(right, way)
	}
	var worn http.HandlerFunc
	switch behaviour {
	case "hangs":
		worn = func(http.ResponseWriter, *http.Request) { select {} }
	case "dies":
		worn = func(http.ResponseWriter, *http.Request) {
			fmt.Fprintln(os.Stderr, "fatal error: out of luck")
			os.Exit(7)
		}
	case "lies":
		worn = func(w http.ResponseWriter, _ *http.Request) { answer(w, plain, "sorry") }
	case "stales":
		// The time of another day.
		worn = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "Mon, 01 Jan 2024 00:00:00 GMT")
			right.ServeHTTP(w, r)
		}
	case "mistypes":
		worn = func(w http.ResponseWriter, _ *http.Request) { answer(w, "text/html", kit.Plaintext) }
	case "slackens":
		worn = func(w http.ResponseWriter, r *http.Request) {
			slacken()
			right.ServeHTTP(w, r)
		}
	case "sabotages":
		worn = func(w http.ResponseWriter, r *http.Request) {
			sabotage()
			right.ServeHTTP(w, r)
		}
	case "lags":
		worn = func(w http.ResponseWriter, r *http.Request) {
			lag()
			right.ServeHTTP(w, r)
		}
	case "weighs":
		worn = func(w http.ResponseWriter, r *http.Request) {
			burden()
			right.ServeHTTP(w, r)
		}
	case "sheds":
		worn = func(w http.ResponseWriter, r *http.Request) {
			if requests.Load()%2 == 0 {
				http.Error(w, "overloaded", http.StatusServiceUnavailable)
				return
			}
			right.ServeHTTP(w, r)
		}
	default:
		return right
	}
	return instead(right, "GET /plaintext", func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > patience {
			worn(w, r)
			return
		}
		right.ServeHTTP(w, r)
	})
}

const plain = "text/plain; charset=utf-8"

func answer(w http.ResponseWriter, kind, body string) {
	w.Header().Set("Content-Type", kind)
	io.WriteString(w, body)
}
