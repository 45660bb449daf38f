package main

import (
	"io"
	"net"
	"net/http"
	"runtime"
	"syscall"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v5"
)

// counts is what a server's process spent on a number of requests.
type counts struct{ mallocs, bytes, collections float64 }

// serving sends requests to a server in this process, one after the other over one connection of
// system calls alone, which allocate nothing, and counts per request; collections are per 100,000.
func serving(serve func(net.Listener)) counts {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	go serve(listener)
	port := listener.Addr().(*net.TCPAddr).Port
	fd := must(syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0))
	check(syscall.Connect(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}))
	ask := []byte("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")
	answer := make([]byte, 4096)
	length := 0
	round := func() {
		must(syscall.Write(fd, ask))
		got := must(syscall.Read(fd, answer))
		for got < length {
			got += must(syscall.Read(fd, answer[got:]))
		}
		length = got
	}
	for range 2000 {
		round()
	}
	const requests = 50_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range requests {
		round()
	}
	runtime.ReadMemStats(&after)
	listener.Close()
	syscall.Close(fd)
	return counts{
		mallocs:     float64(after.Mallocs-before.Mallocs) / requests,
		bytes:       float64(after.TotalAlloc-before.TotalAlloc) / requests,
		collections: float64(after.NumGC-before.NumGC) * 100_000 / requests,
	}
}

func stdServing(listener net.Listener) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /user/{id}/post/{slug}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.PathValue("id")) })
	http.Serve(listener, mux)
}

func ginServing(listener net.Listener) {
	http.Serve(listener, ginRouter(func(c *gin.Context) { c.String(http.StatusOK, c.Param("id")) }))
}

func echoServing(listener net.Listener) {
	e := echo.New()
	e.GET("/user/:id/post/:slug", func(c *echo.Context) error { return c.String(http.StatusOK, c.Param("id")) })
	http.Serve(listener, e)
}

func fiberServing(listener net.Listener) {
	app := fiber.New()
	app.Get("/user/:id/post/:slug", func(c fiber.Ctx) error { return c.SendString(c.Params("id")) })
	app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
}

func init() {
	servers := []struct {
		name, title string
		serve       func(net.Listener)
	}{
		{"std", "net/http and its ServeMux", stdServing},
		{"gin", "Gin", ginServing},
		{"echo", "Echo", echoServing},
		{"fiber", "Fiber", fiberServing},
	}
	for _, server := range servers {
		counted("request_allocs_"+server.name, "1", "heap allocations of a whole request with two path parameters, answered by "+server.title+" over a connection that stays open", func() float64 {
			return serving(server.serve).mallocs
		})
	}
	counted("collections_gin", "1", "garbage collections in 100,000 such requests, answered by Gin", func() float64 { return serving(ginServing).collections })
	counted("collections_fiber", "1", "garbage collections in 100,000 such requests, answered by Fiber", func() float64 { return serving(fiberServing).collections })
	counted("bytes_fiber_over_gin", "1", "bytes allocated for such a request by Fiber, over those by Gin", func() float64 {
		return serving(fiberServing).bytes / serving(ginServing).bytes
	})
}
