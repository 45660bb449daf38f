package main

import (
	"net/http"
	"runtime"
	"strconv"

	"github.com/gofiber/fiber/v3"
)

// What 10,000 routes cost at the start, in memory and in collections.

type entry struct {
	method, path string
	handler      http.HandlerFunc
}

// fixed is what the text says of the lean framework: an array of structs that is filled.
func fixed() any {
	routes := make([]entry, 0, 10_000)
	for i := range 10_000 {
		routes = append(routes, entry{"GET", "/route/" + strconv.Itoa(i), func(http.ResponseWriter, *http.Request) {}})
	}
	return routes
}

func dynamic() any {
	app := fiber.New()
	for i := range 10_000 {
		app.Get("/route/"+strconv.Itoa(i), func(fiber.Ctx) error { return nil })
	}
	app.Handler()
	return app
}

func init() {
	counted("routes_bytes_fiber_over_array", "1", "memory that a Fiber application with 10,000 routes keeps, over that of an array of 10,000 structs with method, path and handler", func() float64 {
		return bytesOf(dynamic) / bytesOf(fixed)
	})
	counted("routes_bytes_fiber_mib", "MiB", "memory that a Fiber application with 10,000 routes keeps", func() float64 { return bytesOf(dynamic) / (1 << 20) })
	counted("routes_bytes_array_mib", "MiB", "memory that such an array keeps", func() float64 { return bytesOf(fixed) / (1 << 20) })
	counted("routes_collections_less", "%", "share of the garbage collections while 10,000 routes are registered that go away with such an array in Fiber's place", func() float64 {
		count := func(build func() any) float64 {
			runtime.GC()
			before := collections()
			for range 10 {
				kept = build()
			}
			return collections() - before
		}
		return less(count(dynamic), count(fixed))
	})
}
