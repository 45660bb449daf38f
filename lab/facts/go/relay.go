package main

import (
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// A relay between two sockets, as a gateway passes on a body: by read and write through a buffer of
// the program's, or by splice through a pipe. It runs on a thread of its own, whose CPU time is
// taken alone; who sends and who receives have theirs.

// threadSpent is the CPU time of this thread.
func threadSpent() time.Duration {
	const threadClock = 3
	var now syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&now)), 0); errno != 0 {
		check(errno)
	}
	return time.Duration(now.Nano())
}

// tcpPair is both ends of a connection over loopback, as descriptors that block.
func tcpPair() (one, other int) {
	listener := must(syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0))
	check(syscall.Bind(listener, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	check(syscall.Listen(listener, 1))
	address := must(syscall.Getsockname(listener))
	one = must(syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0))
	check(syscall.Connect(one, address))
	other, _, err := syscall.Accept(listener)
	check(err)
	check(syscall.Close(listener))
	return one, other
}

// relayed is what passing on one body took.
type relayed struct{ cpu, wall time.Duration }

// relay passes bodies of so many bytes on, n of them one after the other.
func relay(size int, splice bool) func(n int) relayed {
	sender, in := tcpPair()
	out, receiver := tcpPair()
	var pipe [2]int
	check(syscall.Pipe(pipe[:]))
	body, buffer := make([]byte, size), make([]byte, 64<<10)
	return func(n int) (total relayed) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for range n {
			go func() {
				for rest := body; len(rest) > 0; {
					rest = rest[must(syscall.Write(sender, rest)):]
				}
			}()
			done := make(chan time.Time)
			go func() {
				sink := make([]byte, 256<<10)
				for got := 0; got < size; {
					got += must(syscall.Read(receiver, sink))
				}
				done <- time.Now()
			}()
			begin, before := time.Now(), threadSpent()
			for passed := 0; passed < size; {
				if splice {
					got := must(syscall.Splice(in, nil, pipe[1], nil, size, spliceMove))
					for rest := int(got); rest > 0; {
						rest -= int(must(syscall.Splice(pipe[0], nil, out, nil, rest, spliceMove)))
					}
					passed += int(got)
					continue
				}
				got := must(syscall.Read(in, buffer))
				for rest := buffer[:got]; len(rest) > 0; {
					rest = rest[must(syscall.Write(out, rest)):]
				}
				passed += got
			}
			total.cpu += threadSpent() - before
			total.wall += (<-done).Sub(begin)
		}
		return total
	}
}

// relaying compares both ways for bodies of one size.
func relaying(name, what string, size int, of func(relayed) time.Duration) {
	add(Timed, name, "1", what, func() Found {
		copying, splicing := relay(size, false), relay(size, true)
		n := max(4, (8<<20)/size)
		n = min(n, 400)
		once := func(by func(int) relayed) float64 { return logOf(of(by(n))) }
		once(copying)
		once(splicing)
		return inTurn(func() float64 { return once(copying) }, func() float64 { return once(splicing) })
	})
}

func init() {
	cpu := func(r relayed) time.Duration { return r.cpu }
	wall := func(r relayed) time.Duration { return r.wall }
	const by = " by read and write with a buffer of 64 KiB, over that by splice"
	relaying("timed_relay_cpu_1m", "CPU time of the thread that passes 1 MiB from socket to socket"+by, 1<<20, cpu)
	relaying("timed_relay_wall_1m", "time until 1 MiB has come through a relay from socket to socket"+by, 1<<20, wall)
	relaying("timed_relay_cpu_1k", "CPU time of the thread that passes 1 KiB from socket to socket"+by, 1<<10, cpu)
}
