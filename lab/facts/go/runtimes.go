package main

import (
	"context"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

var kept any // what is kept here escapes

func init() {
	exact("collections_when_off", "1", "garbage collections while 256 MiB are allocated after debug.SetGCPercent(-1)", func() float64 {
		debug.SetGCPercent(-1)
		before := collections()
		for range 256 {
			kept = make([]byte, 1<<20)
		}
		return collections() - before
	})
	exact("collections_when_on", "1", "whether the same has any with the collector as it comes", func() float64 {
		before := collections()
		for range 256 {
			kept = make([]byte, 1<<20)
		}
		return yes(collections() > before)
	})
	exact("pool_survivors_two_collections", "1", "of 100 objects put into a sync.Pool, those that are there after two garbage collections", func() float64 {
		return survivors(2)
	})
	exact("pool_survivors_none", "1", "the same without any collection", func() float64 { return survivors(0) })
	exact("pool_of_new_context_is_nil", "1", "whether new(context.Context), as the listing's pool makes it, points to no context at all", func() float64 {
		pool := sync.Pool{New: func() any { return new(context.Context) }}
		return yes(*pool.Get().(*context.Context) == nil)
	})
	exact("status_crosses_line", "1", "whether the listing's int at offset 8 lies in two cache lines of 64 bytes", func() float64 {
		var fields struct {
			timestamp int64
			status    int32
		}
		first, last := unsafe.Offsetof(fields.status), unsafe.Offsetof(fields.status)+unsafe.Sizeof(fields.status)-1
		return yes(first/64 != last/64)
	})
	exact("fields_share_of_line", "1", "share of a cache line of 64 bytes that the listing's two fields fill", func() float64 {
		var fields struct {
			timestamp int64
			status    int32
		}
		return float64(unsafe.Offsetof(fields.status)+unsafe.Sizeof(fields.status)) / 64
	})
	counted("os_holds_over_heapinuse", "1", "memory of the heap that the process still holds, HeapSys - HeapReleased, over HeapInuse, right after 256 MiB of garbage are collected", func() float64 {
		for range 4 {
			kept = make([]byte, 64<<20)
		}
		big := make([][]byte, 256)
		for i := range big {
			big[i] = make([]byte, 1<<20)
		}
		kept = big
		kept, big = nil, nil
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return float64(stats.HeapSys-stats.HeapReleased) / float64(stats.HeapInuse)
	})
	counted("clock_step_ns", "ns", "least step between two readings of time.Now", func() float64 {
		least := time.Hour
		for range 100_000 {
			before := time.Now()
			if step := time.Since(before); step > 0 {
				least = min(least, step)
			}
		}
		return float64(least)
	})
	counted("collection_beyond_pause_us", "us", "how much longer a call of runtime.GC with 64 MiB of live pointers takes than the pause that it reports", func() float64 {
		live := make([]*[8]uintptr, 1<<20)
		for i := range live {
			live[i] = new([8]uintptr)
		}
		begin := time.Now()
		runtime.GC()
		took := time.Since(begin)
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		runtime.KeepAlive(live)
		return float64(took-time.Duration(stats.PauseNs[(stats.NumGC+255)%256])) / 1e3
	})
	counted("threads_per_waiting_connection", "1", "threads that 1,000 goroutines which wait for a connection to become readable add, each", func() float64 {
		before := threads()
		var done []net.Conn
		listener := must(net.Listen("tcp", "127.0.0.1:0"))
		for range 1000 {
			client := must(net.Dial("tcp", listener.Addr().String()))
			server := must(listener.Accept())
			go func() { server.Read(make([]byte, 1)) }()
			done = append(done, client, server)
		}
		time.Sleep(50 * time.Millisecond)
		after := threads()
		for _, connection := range done {
			connection.Close()
		}
		return (after - before) / 1000
	})
	counted("threads_per_blocked_call", "1", "threads that 50 goroutines which wait in a system call add, each", func() float64 {
		before := threads()
		var ends [50][2]int
		for i := range ends {
			check(syscall.Pipe(ends[i][:]))
			go func() { syscall.Read(ends[i][0], make([]byte, 1)) }()
		}
		time.Sleep(200 * time.Millisecond)
		return (threads() - before) / 50
	})
	// The threads of the first asking serve the next; only the first tells.
	facts[len(facts)-1].Find = once(facts[len(facts)-1].Find)
	exact("goroutines_made_by_readiness", "1", "goroutines that come into being because 100 connections which nobody reads from become readable", func() float64 {
		listener := must(net.Listen("tcp", "127.0.0.1:0"))
		var clients, servers []net.Conn
		for range 100 {
			clients = append(clients, must(net.Dial("tcp", listener.Addr().String())))
			servers = append(servers, must(listener.Accept()))
		}
		before := runtime.NumGoroutine()
		for _, client := range clients {
			must(client.Write([]byte("x")))
		}
		time.Sleep(100 * time.Millisecond)
		after := runtime.NumGoroutine()
		runtime.KeepAlive(servers)
		return float64(after - before)
	})
	counted("goroutine_bytes", "B", "memory that a parked goroutine takes, of 100,000", func() float64 { return parked(100_000).bytes })
	counted("faults_goroutine_over_struct", "1", "page faults for 100,000 parked goroutines, over those for 100,000 states of 64 bytes on the heap", func() float64 {
		before := faults()
		states := make([]*[64]byte, 0, 100_000)
		for range 100_000 {
			states = append(states, new([64]byte))
		}
		plain := faults() - before
		runtime.KeepAlive(states)
		return parked(100_000).faults / plain
	})
	facts[len(facts)-1].Find = once(facts[len(facts)-1].Find)
	facts[len(facts)-2].Find = once(facts[len(facts)-2].Find)
	counted("scanned_stack_growth", "1", "bytes of stacks that a collection scans with 20,000 parked goroutines, over those with 200", func() float64 {
		release := make(chan struct{})
		park := func(n int) float64 {
			for range n {
				go func() { <-release }()
			}
			time.Sleep(20 * time.Millisecond)
			runtime.GC()
			sample := []metrics.Sample{{Name: "/gc/scan/stack:bytes"}}
			metrics.Read(sample)
			return float64(sample[0].Value.Uint64())
		}
		few := park(200)
		many := park(19_800)
		close(release)
		time.Sleep(50 * time.Millisecond)
		return many / few
	})
	const reduction = "share of the garbage collections of a million iterations that go away where "
	counted("collections_less_by_pool", "%", reduction+"a struct with a *bytes.Buffer comes from a sync.Pool instead of new", func() float64 {
		return less(iterations(withBuffer), iterations(pooled))
	})
	counted("collections_less_by_array", "%", reduction+"the struct has a [64]byte of its own instead of a pointer to a buffer", func() float64 {
		return less(iterations(withBuffer), iterations(withArray))
	})
	counted("collections_less_by_unsafe_slice", "%", reduction+"a slice of constant size is made by unsafe.Slice over an array instead of by make (0 where there were none to begin with)", func() float64 {
		return less(iterations(byMake), iterations(bySlice))
	})
	counted("collections_less_by_closures", "%", reduction+"three middlewares are called as closures instead of by reflect.Value.Call", func() float64 {
		return less(iterations(byReflection), iterations(byClosures))
	})
	exact("make_constant_allocs", "1", "heap allocations of make([]byte, 64) that does not leave its function", func() float64 {
		return testing.AllocsPerRun(1000, byMake)
	})
	exact("ring_lost", "1", "elements that the listing's ring takes and nobody ever reads, of nine written to a ring of eight before the first is read", func() float64 {
		// The listing's write, word for word in what it does: no look at the reader's place.
		var data [8]int
		write := 0
		for payload := 1; payload <= 9; payload++ {
			data[write] = payload
			write = (write + 1) % len(data)
		}
		seen := map[int]bool{}
		for _, payload := range data {
			seen[payload] = true
		}
		lost := 0
		for payload := 1; payload <= 9; payload++ {
			if !seen[payload] {
				lost++
			}
		}
		return float64(lost)
	})
}

// once lets a fact be asked a single time.
func once(find func() Found) func() Found {
	asked := false
	return func() Found {
		if asked {
			return Found{}
		}
		asked = true
		found := find()
		found.Values = found.Values[:1]
		return found
	}
}

func collections() float64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.NumGC)
}

func survivors(times int) float64 {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	made := 0
	pool := sync.Pool{New: func() any { made++; return new([16]byte) }}
	for range 100 {
		pool.Put(new([16]byte))
	}
	for range times {
		runtime.GC()
	}
	for range 100 {
		pool.Get()
	}
	return float64(100 - made)
}

func threads() float64 {
	status := string(must(os.ReadFile("/proc/self/status")))
	_, rest, _ := strings.Cut(status, "Threads:")
	line, _, _ := strings.Cut(rest, "\n")
	return must(strconv.ParseFloat(strings.TrimSpace(line), 64))
}

func faults() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Minflt)
}

type cost struct{ bytes, faults float64 }

// parked starts goroutines that wait and says what they took.
func parked(n int) cost {
	release := make(chan struct{})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	first := faults()
	for range n {
		go func() { <-release }()
	}
	time.Sleep(100 * time.Millisecond)
	took := faults() - first
	runtime.ReadMemStats(&after)
	close(release)
	bytes := float64(after.StackInuse+after.HeapInuse) - float64(before.StackInuse+before.HeapInuse)
	return cost{bytes / float64(n), took}
}

func less(before, after float64) float64 {
	if before == 0 {
		return 0
	}
	return 100 * (1 - after/before)
}

func iterations(body func()) float64 {
	runtime.GC()
	before := collections()
	for range 1_000_000 {
		body()
	}
	return collections() - before
}
