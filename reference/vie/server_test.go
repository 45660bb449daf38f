package vie

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"bench.lab/reference/vie/pool"
	"bench.lab/reference/vie/router"
)

// serve starts an application with a few routes and gives its address.
func serve(t testing.TB, config Config) (*App, string) {
	t.Helper()
	app := New(config)
	app.Get("/text", func(c *Context) { c.String("text") })
	app.Get("/user/{id}/post/{slug}", func(c *Context) {
		c.Write(c.Param("id"))
		c.WriteString("/")
		c.Write(c.Param("slug"))
		c.Write(c.Param("nobody"))
	})
	app.Get("/json", func(c *Context) { c.JSON(map[string]string{"a": "<b>"}) })
	app.Get("/no-json", func(c *Context) { c.JSON(func() {}) })
	app.Post("/echo", func(c *Context) { c.Bytes(Binary, c.Body) })
	app.Get("/long", func(c *Context) { c.Bytes(Binary, long) })
	app.Get("/nothing", func(c *Context) { c.Status(204) })
	app.Get("/header", func(c *Context) { c.Write(c.Header("x-name")) })
	app.Get("/panic", func(c *Context) { panic("as the test wants it") })
	app.Get("/slow", func(c *Context) { time.Sleep(50 * time.Millisecond); c.String("slow") })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Serve(listener) }()
	t.Cleanup(func() {
		if err := app.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return app, listener.Addr().String()
}

var long = bytes.Repeat([]byte("0123456789abcdef"), 1<<16)

// plain is the default server with a router that needs no table.
func plain() Config {
	config := Default()
	config.Router = "radix"
	return config
}

// dial opens a connection that the test closes.
func dial(t testing.TB, address string) net.Conn {
	t.Helper()
	client, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	client.SetDeadline(time.Now().Add(time.Minute))
	t.Cleanup(func() { client.Close() })
	return client
}

// answer is what the tests look at.
type answer struct {
	status int
	body   string
	header http.Header
	close  bool
}

func next(t testing.TB, from *bufio.Reader, method string) answer {
	t.Helper()
	response, err := http.ReadResponse(from, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, string(body), response.Header, response.Close}
}

// ask sends bytes over a connection of their own and reads one answer.
func ask(t testing.TB, address, request string) answer {
	t.Helper()
	client := dial(t, address)
	io.WriteString(client, request)
	method, _, _ := strings.Cut(request, " ")
	return next(t, bufio.NewReader(client), method)
}

func request(method, path, more, body string) string {
	return method + " " + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n" + body
}

func TestAnswers(t *testing.T) {
	_, address := serve(t, plain())
	for _, c := range []struct {
		request string
		status  int
		body    string
	}{
		{request("GET", "/text", "", ""), 200, "text"},
		{request("HEAD", "/text", "", ""), 200, ""},
		{request("GET", "/text?a=b", "", ""), 200, "text"},
		{request("GET", "/user/a%20b/post/c%2Fd%2525", "", ""), 200, "a b/c/d%25"},
		{request("GET", "/user/a%2/post/c", "", ""), 400, "Bad Request"},
		{request("GET", "/json", "", ""), 200, "{\"a\":\"\\u003cb\\u003e\"}\n"},
		{request("GET", "/no-json", "", ""), 500, "Internal Server Error"},
		{request("GET", "/header", "X-NAME:  v\t\r\n", ""), 200, "v"},
		{request("GET", "/nothing", "", ""), 204, ""},
		{request("GET", "/unknown", "", ""), 404, "Not Found"},
		{request("POST", "/text", "", ""), 405, "Method Not Allowed"},
		{request("GET", "/echo", "", ""), 405, "Method Not Allowed"},
		{request("POST", "/echo", "Content-Length: 5\r\n", "hello"), 200, "hello"},
		{request("POST", "/echo", "Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), 200, "hello"},
		{request("POST", "/echo", "Content-Length: 5000000\r\n", ""), 413, "Content Too Large"},
		{request("POST", "/echo", "Transfer-Encoding: other\r\n", ""), 501, "Not Implemented"},
		{"GET /text HTTP/2.0\r\n\r\n", 505, "HTTP Version Not Supported"},
		{"GET /text HTTP/1.0\r\n\r\n", 200, "text"},
		{request("GET", "/text", "A : b\r\n", ""), 400, "Bad Request"},
		{request("GET", "/text", "A: "+strings.Repeat("b", 20_000)+"\r\n", ""), 431, "Request Header Fields Too Large"},
		{request("GET", "/panic", "", ""), 500, "Internal Server Error"},
	} {
		got := ask(t, address, c.request)
		if got.status != c.status || got.body != c.body {
			t.Errorf("%.60q: got %d %.60q, want %d %q.", c.request, got.status, got.body, c.status, c.body)
		}
		if date, err := http.ParseTime(got.header.Get("Date")); err != nil || time.Since(date) > time.Minute {
			t.Errorf("%.60q: the Date is %q.", c.request, got.header.Get("Date"))
		}
		if length, has := got.header["Content-Length"]; c.status == 204 && has {
			t.Errorf("An answer without a body says %q of its length.", length)
		}
	}
	if got := ask(t, address, request("POST", "/text", "", "")); got.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow is %q.", got.header.Get("Allow"))
	}
}

// modes are all places where handlers run, each with all lives of a Context and all pools.
func modes() map[string]Config {
	all := map[string]Config{}
	for name, mode := range map[string]Mode{"inline": Inline, "workers": Workers, "goroutines": Goroutines} {
		for of, contexts := range map[string]Contexts{"heap": Heap, "pool": Pooled, "reuse": Reuse} {
			for from, kind := range map[string]pool.Kind{"make": pool.Make, "global": pool.Global, "two": pool.Two, "three": pool.Three} {
				config := plain()
				config.Mode, config.Workers, config.Contexts, config.Pool, config.Loops = mode, 3, contexts, kind, 2
				all[name+" "+of+" "+from] = config
			}
		}
	}
	return all
}

// Many connections at once, requests in pieces and in rows: each answer is its request's.
func TestEveryAnswerIsItsRequests(t *testing.T) {
	for name, config := range modes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, address := serve(t, config)
			var all sync.WaitGroup
			for number := range 8 {
				all.Go(func() {
					client, err := net.Dial("tcp", address)
					if err != nil {
						t.Error(err)
						return
					}
					defer client.Close()
					client.SetDeadline(time.Now().Add(time.Minute))
					from := bufio.NewReader(client)
					for turn := range 20 {
						// Three in a row, the last one cut.
						one := request("GET", fmt.Sprintf("/user/%d/post/%d", number, turn), "", "")
						body := strings.Repeat(fmt.Sprint(number), 1+turn*700)
						two := request("POST", "/echo", fmt.Sprintf("Content-Length: %d\r\n", len(body)), body)
						three := request("GET", fmt.Sprintf("/user/%d/post/x%%20%d", number, turn), "", "")
						io.WriteString(client, one+two+three[:turn%len(three)])
						runtime.Gosched()
						io.WriteString(client, three[turn%len(three):])
						for i, want := range []string{fmt.Sprintf("%d/%d", number, turn), body, fmt.Sprintf("%d/x %d", number, turn)} {
							response, err := http.ReadResponse(from, nil)
							if err != nil {
								t.Error(err)
								return
							}
							got, err := io.ReadAll(response.Body)
							if err != nil || string(got) != want {
								t.Errorf("Answer %d of turn %d: got %.60q, want %.60q (%v).", i, turn, got, want, err)
								return
							}
						}
					}
				})
			}
			all.Wait()
		})
	}
}

// A client that reads slowly gets all of several long answers, and the next requests wait.
func TestASlowReaderGetsEverything(t *testing.T) {
	for _, mode := range []Mode{Inline, Workers} {
		config := plain()
		config.Mode, config.Workers = mode, 2
		_, address := serve(t, config)
		client := dial(t, address)
		// More than the kernel's buffers on both sides take.
		const times = 24
		io.WriteString(client, strings.Repeat(request("GET", "/long", "", ""), times)+request("GET", "/text", "Connection: close\r\n", ""))
		time.Sleep(50 * time.Millisecond)
		from := bufio.NewReader(client)
		for range times {
			if got := next(t, from, "GET"); got.body != string(long) {
				t.Fatalf("Got %d bytes that differ.", len(got.body))
			}
		}
		if got := next(t, from, "GET"); got.body != "text" || !got.close {
			t.Errorf("The last answer is %+v.", got)
		}
		if _, err := from.ReadByte(); err != io.EOF {
			t.Errorf("The connection goes on: %v", err)
		}
	}
}

// Who is refused while still sending reads why, instead of a reset.
func TestARefusedClientReadsWhy(t *testing.T) {
	_, address := serve(t, plain())
	client := dial(t, address)
	go func() {
		io.WriteString(client, request("POST", "/echo", "Content-Length: 99999999\r\n", ""))
		for range 100 {
			client.Write(make([]byte, 10_000))
		}
	}()
	time.Sleep(20 * time.Millisecond)
	if got := next(t, bufio.NewReader(client), "POST"); got.status != 413 || !got.close {
		t.Errorf("Got %+v.", got)
	}
}

func TestLeaveToSendABody(t *testing.T) {
	_, address := serve(t, plain())
	client := dial(t, address)
	from := bufio.NewReader(client)
	io.WriteString(client, request("POST", "/echo", "Content-Length: 5\r\nExpect: 100-continue\r\n", ""))
	if got := next(t, from, "POST"); got.status != 100 {
		t.Fatalf("Got %d.", got.status)
	}
	io.WriteString(client, "hello")
	if got := next(t, from, "POST"); got.body != "hello" {
		t.Errorf("Got %+v.", got)
	}
}

func TestAMiddlewareIsAroundEverything(t *testing.T) {
	app := New(plain())
	order := ""
	mark := func(name string) Middleware {
		return func(next Handler) Handler {
			return func(c *Context) { order += name; next(c); order += name }
		}
	}
	app.Use(mark("1"), mark("2"))
	app.Use(mark("3"))
	app.served(&Context{worker: newWorker(&server{}, pool.New(pool.Make).Local())})
	if order != "123321" {
		t.Errorf("The order is %s.", order)
	}
}

func TestAMethodTwiceAndAForeignTable(t *testing.T) {
	func() {
		defer func() {
			if recover() == nil {
				t.Error("A route twice is taken.")
			}
		}()
		app := New(plain())
		app.Get("/a/{x}", nil)
		app.Get("/a/{y}", nil)
	}()
	config := Default()
	config.Table = router.Table{Patterns: []string{"/gone"}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := New(config).Serve(listener); err == nil || !strings.Contains(err.Error(), "/gone") {
		t.Errorf("A table of another program is taken: %v", err)
	}
}

// An idle connection keeps no buffer, and less than the 2 KiB that it may.
func TestAnIdleConnectionIsSmall(t *testing.T) {
	_, address := serve(t, plain())
	const count = 1000
	live := func() uint64 {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	clients := make([]net.Conn, count)
	for i := range clients {
		clients[i] = dial(t, address)
	}
	// Both ends are in this process; what the clients take is there before.
	buffer := make([]byte, 4096)
	before := live()
	for _, client := range clients {
		io.WriteString(client, request("GET", "/text", "", ""))
		if _, err := client.Read(buffer); err != nil {
			t.Fatal(err)
		}
	}
	if each := (int64(live()) - int64(before)) / count; each > 1024 {
		t.Errorf("A connection takes %d bytes more once it was used.", each)
	}
}

// What lies in one piece is answered from where it was read: nothing is moved.
func TestWholeRequestsAreNotMoved(t *testing.T) {
	app, address := serve(t, plain())
	client := dial(t, address)
	from := bufio.NewReader(client)
	for range 10 {
		io.WriteString(client, request("GET", "/text", "", "")+request("POST", "/echo", "Content-Length: 2\r\n", "ab"))
		next(t, from, "GET")
		next(t, from, "POST")
	}
	if moved := app.server.moved.Load(); moved != 0 {
		t.Errorf("%d bytes were moved.", moved)
	}
	io.WriteString(client, request("GET", "/text", "", "")+"GET /te")
	next(t, from, "GET")
	io.WriteString(client, "xt HTTP/1.1\r\nHost: a\r\n\r\n")
	if got := next(t, from, "GET"); got.body != "text" {
		t.Errorf("Got %+v.", got)
	}
	if moved := app.server.moved.Load(); moved != uint64(len("GET /te")) {
		t.Errorf("Of a request in two pieces %d bytes were moved.", moved)
	}
}

func TestSettingsAreReadAndHeld(t *testing.T) {
	from := func(words map[string]string) (Config, error) {
		return FromEnv(func(name string) string { return words[name] })
	}
	got, err := from(map[string]string{"VIE_ROUTER": "burst", "VIE_POOL": "two", "VIE_CTX": "pool", "VIE_MODE": "pool:128"})
	if err != nil || got.Router != "burst" || got.Pool != pool.Two || got.Contexts != Pooled || got.Mode != Workers || got.Workers != 128 {
		t.Errorf("Got %+v: %v", got, err)
	}
	for name, word := range map[string]string{"VIE_ROUTER": "fast", "VIE_POOL": "four", "VIE_CTX": "stack", "VIE_MODE": "pool:0"} {
		if _, err := from(map[string]string{name: word}); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, word, err)
		}
	}
}
