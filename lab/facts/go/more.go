package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/valyala/fasthttp"
)

// parallel asks a server in this process over 64 connections at once, each one after the other.
func parallel(serve func(net.Listener)) body {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	go serve(listener)
	var connections [64]net.Conn
	for i := range connections {
		connections[i] = must(net.Dial("tcp", listener.Addr().String()))
	}
	ask := []byte("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")
	return func(n int) {
		var group sync.WaitGroup
		for _, connection := range connections {
			group.Go(func() {
				answer := make([]byte, 4096)
				for range n/len(connections) + 1 {
					must(connection.Write(ask))
					must(connection.Read(answer))
				}
			})
		}
		group.Wait()
	}
}

// asks is a client of net/http's own that sends requests one after the other by one protocol.
func asks(http2 bool) body {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2)
	protocols.SetUnencryptedHTTP2(http2)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	server := &http.Server{Protocols: protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") })}
	go server.Serve(listener)
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	url := "http://" + listener.Addr().String() + "/"
	return func(n int) {
		for range n {
			response := must(client.Get(url))
			if (response.ProtoMajor == 2) != http2 {
				check(io.ErrUnexpectedEOF)
			}
			must(io.Copy(io.Discard, response.Body))
			response.Body.Close()
		}
	}
}

// calls counts in a linked program the calls that some functions make to a package, and how many
// of these functions there are.
func calls(program, functions, pkg string) (found, made float64) {
	binary := built(program, "", "0")
	defer os.RemoveAll(filepath.Dir(binary))
	text := string(must(exec.Command("go", "tool", "objdump", "-s", functions, binary).Output()))
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "TEXT ") {
			found++
		}
		if strings.Contains(line, "CALL "+pkg+".") {
			made++
		}
	}
	return found, made
}

func callsOf(program, functions, pkg string) float64 {
	found, made := calls(program, functions, pkg)
	if found == 0 {
		check(os.ErrNotExist)
	}
	return made
}

func init() {
	exact("gin_route_calls_reflect", "1", "calls to package reflect in the machine code of Gin's routing and reading of parameters", func() float64 {
		return callsOf("gin", `gin.\(\*node\).getValue|gin.\(\*Engine\).handleHTTPRequest|gin.\(\*Context\).Param$|gin.Params.Get`, "reflect")
	})
	exact("echo_route_calls_regexp", "1", "calls to package regexp in the machine code of Echo's routing", func() float64 {
		return callsOf("echo", `echo/v5.\(\*DefaultRouter\).Route|echo/v5.\(\*Echo\).(serveHTTP|ServeHTTP)`, "regexp")
	})
	counted("connections_with_32_idle", "1", "new connections to the upstream for each request, of 64 clients at once over a pool of 32 idle ones", func() float64 {
		var opened atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") }))
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened.Add(1)
			}
		}
		server.Start()
		defer server.Close()
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
		const each = 50
		var group sync.WaitGroup
		for range 64 {
			group.Go(func() {
				for range each {
					response := must(client.Get(server.URL))
					must(io.Copy(io.Discard, response.Body))
					response.Body.Close()
				}
			})
		}
		group.Wait()
		client.CloseIdleConnections()
		return float64(opened.Load()) / (64 * each)
	})
	ratio("timed_parse_copying_over_fasthttp", "CPU time of reading the head of a request by net/http, which makes strings of it, over that by fasthttp, which keeps its bytes", func() (body, body) {
		head := []byte("GET /user/42/post/hello HTTP/1.1\r\nHost: example.com\r\nUser-Agent: client\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nCookie: session=0123456789abcdef\r\n\r\n")
		source := bytes.NewReader(head)
		reader := bufio.NewReader(source)
		var request fasthttp.Request
		again := func() {
			source.Reset(head)
			reader.Reset(source)
		}
		return func(n int) {
				for range n {
					again()
					must(http.ReadRequest(reader))
				}
			}, func(n int) {
				for range n {
					again()
					check(request.Read(reader))
				}
			}
	})
	ratio("timed_processors_16_over_2", "CPU time of a request over 64 connections with GOMAXPROCS 16, over that with 2", func() (body, body) {
		ask := parallel(ginServing)
		with := func(processors int) body {
			return func(n int) {
				runtime.GOMAXPROCS(processors)
				ask(n)
			}
		}
		return with(16), with(2)
	})
	ratio("timed_http2_over_http1", "CPU time of a request by HTTP/2, both ends net/http, over that by HTTP/1.1", func() (body, body) {
		return asks(true), asks(false)
	})
	ratio("timed_gin_nested_over_flat", "CPU time of routing with Gin to a route in eight groups inside each other, over that to the same route registered at once", func() (body, body) {
		gin.SetMode(gin.ReleaseMode)
		nothing := func(*gin.Context) {}
		flat, nested := gin.New(), gin.New()
		flat.GET("/a/b/c/d/e/f/g/h/:id", nothing)
		group := nested.Group("/a")
		for _, name := range []string{"/b", "/c", "/d", "/e", "/f", "/g", "/h"} {
			group = group.Group(name)
		}
		group.GET("/:id", nothing)
		asking := func(handler http.Handler) body {
			w, r := nowhere{http.Header{}}, must(http.NewRequest("GET", "/a/b/c/d/e/f/g/h/42", nil))
			return func(n int) {
				for range n {
					handler.ServeHTTP(w, r)
				}
			}
		}
		return asking(nested), asking(flat)
	})
	nanoseconds("timed_linear_100_ns", "CPU time of finding a path among 100 by comparing one after the other", func() body {
		paths := synthetic(100, 4)
		found := 0
		return func(n int) {
			for i := range n {
				wanted := paths[i%len(paths)]
				for at, path := range paths {
					if path == wanted {
						found += at
						break
					}
				}
			}
		}
	})
	nanoseconds("timed_readmemstats_ns", "CPU time of runtime.ReadMemStats", func() body {
		return func(n int) {
			var stats runtime.MemStats
			for range n {
				runtime.ReadMemStats(&stats)
			}
		}
	})
	ratio("timed_heap_profile_over_memstats", "CPU time of writing a heap profile, over that of runtime.ReadMemStats", func() (body, body) {
		live := make([][]byte, 0, 1<<16)
		for range 1 << 16 {
			live = append(live, make([]byte, 1<<10))
		}
		kept = live
		return func(n int) {
				for range n {
					check(pprof.WriteHeapProfile(io.Discard))
				}
			}, func(n int) {
				var stats runtime.MemStats
				for range n {
					runtime.ReadMemStats(&stats)
				}
			}
	})
	add(Timed, "timed_start_nocgo_over_cgo", "1", "time from exec to the end of a program that does what a service on net/http does before its first request, built without cgo, over the same with it", func() Found {
		starting := func(cgo string) func() float64 {
			program := built("start", "-s -w", cgo)
			return func() float64 {
				begin := time.Now()
				for range 10 {
					check(exec.Command(program).Run())
				}
				return logOf(time.Since(begin))
			}
		}
		without, with := starting("0"), starting("1")
		without()
		with()
		return inTurn(without, with)
	})
}
