package app_test

import (
	"strings"
	"testing"

	"github.com/panjf2000/gnet/v2"

	"bench.lab/gnet/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

// connection is one without a socket: a request that is always there, and answers that go
// nowhere.
type connection struct {
	gnet.Conn
	request []byte
	context any
	written int
}

func (c *connection) InboundBuffered() int           { return len(c.request) }
func (c *connection) Peek(int) ([]byte, error)       { return c.request, nil }
func (c *connection) Discard(n int) (int, error)     { return n, nil }
func (c *connection) Context() any                   { return c.context }
func (c *connection) SetContext(context any)         { c.context = context }
func (c *connection) Write(data []byte) (int, error) { c.written += len(data); return len(data), nil }

func (c *connection) Writev(parts [][]byte) (int, error) {
	for _, part := range parts {
		c.written += len(part)
	}
	return 0, nil
}

func prepare(options kit.Options, words ...string) (request func(), c *connection) {
	server := app.NewServer(options)
	c = &connection{request: []byte(strings.Join(words, ""))}
	server.OnOpen(c)
	return func() { server.OnTraffic(c) }, c
}

// headers are those that the lab's instrument sends.
const headers = " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"

// BenchmarkApp measures what the package adds to gnet: a request from the bytes that gnet has
// read to those that it writes.
func BenchmarkApp(b *testing.B) {
	kittest.Benchmark(b, func(options kit.Options, path string) func() {
		request, _ := prepare(options, "GET ", path, headers, "\r\n")
		return request
	})
}

// What is measured with this server is gnet, so no request may cost an allocation of its own.
func TestNothingIsAllocated(t *testing.T) {
	routes := kit.ExtraRoutes(10, kit.Distinct)
	for _, words := range [][]string{
		{"GET /plaintext", headers, "\r\n"},
		{"HEAD /plaintext", headers, "\r\n"},
		{"GET /json", headers, "\r\n"},
		{"GET /user/a%20b/post/hello-world", headers, "\r\n"},
		{"GET /blob", headers, "\r\n"},
		{"GET ", routes[9].Path, headers, "\r\n"},
		{"GET /nowhere", headers, "\r\n"},
		{"POST /json", headers, "\r\n"},
		{"POST /echo", headers, "Content-Length: 5\r\n\r\nhello"},
		{"POST /echo", headers, "Content-Length: 65536\r\n\r\n", strings.Repeat("a", 65536)},
		{"POST /echo", headers, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	} {
		request, c := prepare(kit.Options{Routes: routes, Middleware: 2}, words...)
		if got := testing.AllocsPerRun(100, request); got != 0 {
			t.Errorf("%s: %v allocations, want none.", words[0], got)
		}
		if c.written == 0 {
			t.Errorf("%s: nothing was answered.", words[0])
		}
	}
}
