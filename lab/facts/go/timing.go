package main

import (
	"math"
	"math/rand/v2"
	"syscall"
	"time"
	"unsafe"
)

// How a thing is timed: by the CPU time of this whole process, so that neither a neighbour nor a
// wait counts, and the collector's work does. Rounds have every body once, in random order, and
// one of them twice.

const (
	rounds = 24
	batch  = 4 * time.Millisecond
)

// body does something n times.
type body func(n int)

// spent is the CPU time of this process.
func spent() time.Duration {
	const processClock = 2
	var now syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, processClock, uintptr(unsafe.Pointer(&now)), 0); errno != 0 {
		check(errno)
	}
	return time.Duration(now.Nano())
}

// of is the CPU time of one of n.
func of(b body, n int) float64 {
	begin := spent()
	b(n)
	return float64(spent()-begin) / float64(n)
}

// sized is the n with which a body takes about one batch.
func sized(b body) int {
	for n := 1; ; n *= 2 {
		begin := spent()
		b(n)
		if took := spent() - begin; took > batch/4 || n > 1<<28 {
			return max(1, int(float64(n)*float64(batch)/float64(max(took, 1))))
		}
	}
}

// ratio times one body against another.
func ratio(name, what string, prepare func() (one, other body)) {
	add(Timed, name, "1", what, func() Found {
		one, other := prepare()
		n, m := sized(one), sized(other)
		return inTurn(
			func() float64 { return math.Log(of(one, n)) },
			func() float64 { return math.Log(of(other, m)) },
		)
	})
}

// inTurn takes logarithms of two kinds in rounds of random order, the first kind twice.
func inTurn(one, other func() float64) Found {
	var found Found
	for range rounds {
		var logs [3]float64
		for _, i := range rand.Perm(3) {
			if i == 2 {
				logs[i] = other()
			} else {
				logs[i] = one()
			}
		}
		found.Values = append(found.Values, (logs[0]+logs[1])/2-logs[2])
		found.Copies = append(found.Copies, logs[1]-logs[0])
	}
	return found
}

func logOf(took time.Duration) float64 { return math.Log(float64(max(took, 1))) }

// nanoseconds times one body, beside a loop that does nothing.
func nanoseconds(name, what string, prepare func() body) {
	add(Timed, name, "ns", what, func() Found {
		one := prepare()
		n := sized(one)
		var found Found
		for range rounds {
			first, second := of(one, n), of(one, n)
			found.Values = append(found.Values, math.Log((first+second)/2))
			found.Copies = append(found.Copies, math.Log(second/first))
		}
		return found
	})
}
