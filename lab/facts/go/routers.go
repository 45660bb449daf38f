package main

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v5"
	"github.com/valyala/fasthttp"
)

const path = "/user/42/post/hello"

// nowhere is a ResponseWriter that keeps nothing, so that what is counted is the router's.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

func request() *http.Request { return must(http.NewRequest("GET", path, nil)) }

func ginRouter(handlers ...gin.HandlerFunc) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.GET("/user/:id/post/:slug", handlers...)
	return router
}

// served counts what a handler allocates for one request that is there already.
func served(handler http.Handler) float64 {
	w, r := nowhere{http.Header{}}, request()
	return testing.AllocsPerRun(1000, func() { handler.ServeHTTP(w, r) })
}

// fiberServed does the same with Fiber's handler.
func fiberServed(app *fiber.App) float64 {
	handler := app.Handler()
	var c fasthttp.RequestCtx
	c.Request.SetRequestURI(path)
	return testing.AllocsPerRun(1000, func() { handler(&c) })
}

func init() {
	const route = "heap allocations of routing one request with two path parameters and reading one, by "
	exact("route_allocs_gin", "1", route+"Gin", func() float64 {
		return served(ginRouter(func(c *gin.Context) { _ = c.Param("id") }))
	})
	exact("route_allocs_echo", "1", route+"Echo", func() float64 {
		e := echo.New()
		e.GET("/user/:id/post/:slug", func(c *echo.Context) error { _ = c.Param("id"); return nil })
		return served(e)
	})
	exact("route_allocs_fiber", "1", route+"Fiber", func() float64 {
		app := fiber.New()
		app.Get("/user/:id/post/:slug", func(c fiber.Ctx) error { _ = c.Params("id"); return nil })
		return fiberServed(app)
	})
	exact("params_allocs_fiber", "1", "heap allocations of one c.Params(\"id\") inside a handler of Fiber's", func() float64 {
		allocs := -1.0
		app := fiber.New()
		app.Get("/user/:id/post/:slug", func(c fiber.Ctx) error {
			allocs = testing.AllocsPerRun(1000, func() { _ = c.Params("id") })
			return nil
		})
		var c fasthttp.RequestCtx
		c.Request.SetRequestURI(path)
		app.Handler()(&c)
		return allocs
	})
	exact("fiber_is_fasthttp_unasked", "1", "whether the handler of a Fiber application without any setting is one of fasthttp's", func() float64 {
		_, is := any(fiber.New().Handler()).(fasthttp.RequestHandler)
		return yes(is)
	})
	exact("kept_gin_context_shows_another", "1", "whether a *gin.Context that was kept after its request shows the parameter of the next one", func() float64 {
		runtime.GOMAXPROCS(1)
		var kept *gin.Context
		router := ginRouter(func(c *gin.Context) {
			if kept == nil {
				kept = c
			}
		})
		w, first := nowhere{http.Header{}}, request()
		router.ServeHTTP(w, first)
		router.ServeHTTP(w, must(http.NewRequest("GET", "/user/other/post/x", nil)))
		return yes(kept.Param("id") == "other")
	})
	exact("timeout_context_allocs", "1", "heap allocations of context.WithTimeout with its cancel", func() float64 {
		return testing.AllocsPerRun(1000, func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			_ = ctx
			cancel()
		})
	})
	const chain = "heap allocations of a request through eight middlewares that pass on, put together once, as "
	exact("chain_allocs_closures", "1", chain+"nested closures", func() float64 {
		handler := http.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		for range 8 {
			next := handler
			handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r) })
		}
		return served(handler)
	})
	exact("chain_allocs_array", "1", chain+"an array and an index", func() float64 {
		var handlers []gin.HandlerFunc
		for range 8 {
			handlers = append(handlers, func(c *gin.Context) { c.Next() })
		}
		return served(ginRouter(handlers...))
	})
	const frames = "functions of the framework's between a panic and the handler that panicked, as a middleware that recovers sees the stack, in "
	exact("frames_over_panic_std", "1", frames+"net/http", func() float64 {
		above := -1.0
		handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panicking() })
		recovering := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() { above = framesOver(recover()) }()
			handler.ServeHTTP(w, r)
		})
		recovering.ServeHTTP(nowhere{}, request())
		return above
	})
	exact("frames_over_panic_gin", "1", frames+"Gin", func() float64 {
		above := -1.0
		served := ginRouter(func(c *gin.Context) {
			defer func() { above = framesOver(recover()) }()
			c.Next()
		}, func(*gin.Context) { panicking() })
		served.ServeHTTP(nowhere{http.Header{}}, request())
		return above
	})
	exact("frames_over_panic_echo", "1", frames+"Echo", func() float64 {
		above := -1.0
		e := echo.New()
		e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c *echo.Context) error {
				defer func() { above = framesOver(recover()) }()
				return next(c)
			}
		})
		e.GET("/user/:id/post/:slug", func(*echo.Context) error { panicking(); return nil })
		e.ServeHTTP(nowhere{http.Header{}}, request())
		return above
	})
}

// panicking stands for the code of a handler.
//
//go:noinline
func panicking() { panic("on purpose") }

// framesOver counts the functions that the stack has above panicking, without the runtime's and
// those of this file that look.
func framesOver(recovered any) float64 {
	if recovered == nil {
		return -1
	}
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	above := 0.0
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, "main.panicking") {
			return above
		}
		if !strings.HasPrefix(frame.Function, "runtime.") && !strings.HasPrefix(frame.Function, "main.") {
			above++
		}
		if !more {
			return -1
		}
	}
}
