package kit

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// spun is the processor time that Spin has burnt since the start, in nanoseconds.
var spun atomic.Int64

// interruption is a step of the clock that Spin's loop cannot have taken by itself.
// A turn of the loop takes some 100 ns.
const interruption = 5 * time.Microsecond

// turns is how often the loop of SPIN_TURNS goes round on each request; 0 without it.
// It is set once, before a server serves.
var turns uint64

// clockThread is CLOCK_THREAD_CPUTIME_ID of Linux's clock_gettime.
const clockThread = 3

// Spin burns d of processor time and counts what it burnt. It is the known extra
// cost of a positive control: a measurement that does not find it again would not
// find a real difference of that size either. On a busy machine the operating system
// takes the processor away now and then, so such gaps do not shorten the work.
//
// What counts is what the kernel charges the thread with, interrupts in between and
// the reading of the clocks included: that is what is later found in the process's
// processor time. What reading costs is counted in every server that spins at all,
// also in one that spins as little as it can.
//
// With SPIN_TURNS it does not burn time but executes a known number of instructions:
// the control of a count, which no clock may disturb.
func Spin(d time.Duration) {
	if turns > 0 {
		turn(turns)
		return
	}
	// The clock is a thread's, so the goroutine stays where it is.
	runtime.LockOSThread()
	begun := threadTime()
	var burnt time.Duration
	for last := time.Now(); burnt < d; {
		now := time.Now()
		if step := now.Sub(last); step < interruption {
			burnt += step
		}
		last = now
	}
	spun.Add(threadTime() - begun)
	runtime.UnlockOSThread()
}

// threadTime is the processor time of this thread in nanoseconds.
func threadTime() int64 {
	var used syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockThread, uintptr(unsafe.Pointer(&used)), 0)
	return used.Nano()
}
