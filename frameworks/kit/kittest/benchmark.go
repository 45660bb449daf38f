package kittest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"bench.lab/kit"
)

// Prepare builds the application and returns a function that sends it one GET
// request for the path in process, without a connection.
type Prepare func(options kit.Options, path string) (request func())

// Benchmark measures what the framework itself does with a request: routing,
// parameters, serialising. With extra routes it asks for the last one registered.
func Benchmark(b *testing.B, prepare Prepare) {
	run := func(name string, options kit.Options, path string) {
		b.Run(name, func(b *testing.B) {
			request := prepare(options, path)
			b.ReportAllocs()
			for b.Loop() {
				request()
			}
		})
	}
	run("plaintext", kit.Options{}, "/plaintext")
	run("json", kit.Options{}, "/json")
	run("params", kit.Options{}, "/user/4711/post/hello-world")
	for _, set := range []kit.RouteSet{kit.Distinct, kit.Shared} {
		routes := kit.ExtraRoutes(1000, set)
		run("routes=1000:"+string(set), kit.Options{Routes: routes}, routes[len(routes)-1].Path)
	}
}

// BenchmarkHandler is Benchmark for a constructor that returns an http.Handler.
func BenchmarkHandler[H http.Handler](b *testing.B, construct func(kit.Options) H) {
	Benchmark(b, func(options kit.Options, path string) func() {
		handler := construct(options)
		request := httptest.NewRequest("GET", path, nil)
		response := discard{}
		return func() {
			clear(response)
			handler.ServeHTTP(response, request)
		}
	})
}

// discard is a response that keeps nothing but its header. Like the response of
// net/http it takes strings, which saves handlers a copy.
type discard http.Header

func (d discard) Header() http.Header         { return http.Header(d) }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

func (d discard) WriteString(s string) (int, error) { return len(s), nil }
