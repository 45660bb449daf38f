package main

import (
	"context"
	"net"
	"net/http"
	"regexp"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v5"
	"github.com/valyala/fasthttp"
)

func routing(handler http.Handler) body {
	w, r := nowhere{http.Header{}}, request()
	return func(n int) {
		for range n {
			handler.ServeHTTP(w, r)
		}
	}
}

func routingGin() body { return routing(ginRouter(func(c *gin.Context) { _ = c.Param("id") })) }

func routingEcho() body {
	e := echo.New()
	e.GET("/user/:id/post/:slug", func(c *echo.Context) error { _ = c.Param("id"); return nil })
	return routing(e)
}

// routingFiber routes among this many other routes, which share its beginning.
func routingFiber(others int) body {
	app := fiber.New()
	for i := range others {
		app.Get("/user/other/"+strconv.Itoa(i), func(fiber.Ctx) error { return nil })
	}
	app.Get("/user/:id/post/:slug", func(c fiber.Ctx) error { _ = c.Params("id"); return nil })
	handler := app.Handler()
	c := new(fasthttp.RequestCtx)
	c.Request.SetRequestURI(path)
	return func(n int) {
		for range n {
			handler(c)
		}
	}
}

// asking sends whole requests over one connection to a server in this process; the time is that of
// both ends.
func asking(serve func(net.Listener)) body {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	go serve(listener)
	fd := must(syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0))
	check(syscall.Connect(fd, &syscall.SockaddrInet4{Port: listener.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}}))
	ask, answer := []byte("GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n"), make([]byte, 4096)
	return func(n int) {
		for range n {
			must(syscall.Write(fd, ask))
			must(syscall.Read(fd, answer))
		}
	}
}

// both runs a body in two goroutines at once, half of n each.
func both(b func(half, n int)) body {
	return func(n int) {
		var group sync.WaitGroup
		for half := range 2 {
			group.Go(func() { b(half, n/2+1) })
		}
		group.Wait()
	}
}

// deep uses about 16 KiB of stack.
//
//go:noinline
func deep(n int) byte {
	var frame [16 << 10]byte
	frame[n%len(frame)] = byte(n)
	return frame[(n*7)%len(frame)]
}

func init() {
	const route = "CPU time of routing a request with two path parameters and reading one in process, by "
	ratio("timed_route_echo_over_fiber", route+"Echo over Fiber", func() (body, body) { return routingEcho(), routingFiber(0) })
	ratio("timed_route_gin_over_fiber", route+"Gin over Fiber", func() (body, body) { return routingGin(), routingFiber(0) })
	nanoseconds("timed_route_gin_ns", route+"Gin", routingGin)
	nanoseconds("timed_route_echo_ns", route+"Echo", routingEcho)
	nanoseconds("timed_route_fiber_ns", route+"Fiber", func() body { return routingFiber(0) })
	ratio("timed_route_share_gin", route+"Gin, over a whole request with both of its ends", func() (body, body) { return routingGin(), asking(ginServing) })
	ratio("timed_route_share_fiber", route+"Fiber, over a whole request with both of its ends", func() (body, body) {
		return routingFiber(0), asking(fiberServing)
	})
	ratio("timed_fiber_10000_over_10", route+"Fiber among 10,000 routes that share its beginning, over the same among 10", func() (body, body) {
		return routingFiber(10_000), routingFiber(10)
	})
	nanoseconds("timed_params_fiber_ns", "CPU time of one c.Params(\"id\") inside a handler of Fiber's", func() body {
		app := fiber.New()
		count := 0
		app.Get("/user/:id/post/:slug", func(c fiber.Ctx) error {
			for range count {
				_ = c.Params("id")
			}
			return nil
		})
		handler := app.Handler()
		c := new(fasthttp.RequestCtx)
		c.Request.SetRequestURI(path)
		return func(n int) { count = n; handler(c) }
	})
	nanoseconds("timed_middleware_closure_ns", "CPU time that one more closure around a handler costs, of 64", func() body {
		handler := http.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		for range 64 {
			next := handler
			handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r) })
		}
		w, r := nowhere{}, request()
		return func(n int) {
			for range n/64 + 1 {
				handler.ServeHTTP(w, r)
			}
		}
	})
	timeouts := func(n int) {
		for range n {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			_ = ctx
			cancel()
		}
	}
	nanoseconds("timed_timeout_context_ns", "CPU time of context.WithTimeout with its cancel", func() body { return timeouts })
	ratio("timed_timeout_over_pooled", "CPU time of context.WithTimeout with its cancel, over that of a struct of its size from a sync.Pool", func() (body, body) {
		pool := sync.Pool{New: func() any { return new([96]byte) }}
		return timeouts, func(n int) {
			for range n {
				taken := pool.Get()
				pool.Put(taken)
			}
		}
	})
	ratio("timed_pool_two_over_one", "CPU time of taking from a sync.Pool and giving back, by two goroutines at once, over that by one", func() (body, body) {
		pool := sync.Pool{New: func() any { return new([64]byte) }}
		use := func(_, n int) {
			for range n {
				pool.Put(pool.Get())
			}
		}
		return both(use), func(n int) { use(0, n) }
	})
	ratio("timed_mutex_two_over_one", "the same with a list of free blocks behind one mutex", func() (body, body) {
		var lock sync.Mutex
		free := [][]byte{make([]byte, 64), make([]byte, 64)}
		use := func(_, n int) {
			for range n {
				lock.Lock()
				block := free[len(free)-1]
				free = free[:len(free)-1]
				lock.Unlock()
				lock.Lock()
				free = append(free, block)
				lock.Unlock()
			}
		}
		return both(use), func(n int) { use(0, n) }
	})
	ratio("timed_adjacent_over_padded", "CPU time of counting in two goroutines at once with both counters in one cache line, over that with a line each", func() (body, body) {
		var counters [32]atomic.Int64
		counting := func(apart int) body {
			return both(func(half, n int) {
				for range n {
					counters[half*apart].Add(1)
				}
			})
		}
		return counting(1), counting(16)
	})
	ratio("timed_regexps_over_radix", "CPU time of finding a path by a list of 100 compiled expressions, over that by a radix tree", func() (body, body) {
		paths := synthetic(100, 4)
		var list []*regexp.Regexp
		for _, path := range paths {
			list = append(list, regexp.MustCompile("^"+path+"$"))
		}
		tree := radixTree(paths)
		return func(n int) {
				for i := range n {
					for _, pattern := range list {
						if pattern.MatchString(paths[i%len(paths)]) {
							break
						}
					}
				}
			}, func(n int) {
				for i := range n {
					tree.find(paths[i%len(paths)])
				}
			}
	})
	switches := func(n int) {
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				for range n/2 + 1 {
					runtime.Gosched()
				}
			})
		}
		group.Wait()
	}
	nanoseconds("timed_goroutine_switch_ns", "CPU time of one change between two goroutines on one thread", func() body {
		runtime.GOMAXPROCS(1)
		return switches
	})
	ratio("timed_channel_over_ring", "CPU time of handing one value from a goroutine to another by a channel of 1,024, over that by a ring of 1,024 with two atomic places", func() (body, body) {
		return func(n int) {
				channel := make(chan int, 1024)
				go func() {
					for i := range n {
						channel <- i
					}
					close(channel)
				}()
				for range channel {
				}
			}, func(n int) {
				var ring [1024]int
				var head, tail atomic.Int64
				go func() {
					for i := range n {
						for int64(i)-tail.Load() == int64(len(ring)) {
							runtime.Gosched()
						}
						ring[i%len(ring)] = i
						head.Store(int64(i + 1))
					}
				}()
				for i := range n {
					for head.Load() == int64(i) {
						runtime.Gosched()
					}
					_ = ring[i%len(ring)]
					tail.Store(int64(i + 1))
				}
			}
	})
	ratio("timed_spawn_over_reuse", "CPU time of a job in a goroutine of its own, over that of one handed to a goroutine that waits", func() (body, body) {
		jobs := make(chan *sync.WaitGroup)
		go func() {
			for group := range jobs {
				group.Done()
			}
		}()
		return func(n int) {
				var group sync.WaitGroup
				for range n {
					group.Add(1)
					go group.Done()
					group.Wait()
				}
			}, func(n int) {
				var group sync.WaitGroup
				for range n {
					group.Add(1)
					jobs <- &group
					group.Wait()
				}
			}
	})
	ratio("timed_fresh_over_kept_stack", "CPU time of a job with 16 KiB of stack in a goroutine of its own, over that in one whose stack has grown already", func() (body, body) {
		jobs, done := make(chan int), make(chan byte)
		go func() {
			for job := range jobs {
				done <- deep(job)
			}
		}()
		return func(n int) {
				for i := range n {
					go func() { done <- deep(i) }()
					<-done
				}
			}, func(n int) {
				for i := range n {
					jobs <- i
					<-done
				}
			}
	})
	ratio("timed_goroutine_over_struct", "CPU time of starting and ending a goroutine, over that of making a state of 64 bytes on the heap", func() (body, body) {
		return func(n int) {
				var group sync.WaitGroup
				for range n {
					group.Go(func() {})
				}
				group.Wait()
			}, func(n int) {
				for range n {
					kept = new([64]byte)
				}
			}
	})
	ratio("timed_register_fiber_over_array", "CPU time of registering 10,000 routes with Fiber, over that of filling an array of 10,000 structs", func() (body, body) {
		return func(n int) {
				for range n {
					kept = dynamic()
				}
			}, func(n int) {
				for range n {
					kept = fixed()
				}
			}
	})
}
