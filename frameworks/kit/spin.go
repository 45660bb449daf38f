package kit

import (
	"sync/atomic"
	"time"
)

// spun is the processor time that Spin has burnt since the start, in nanoseconds.
var spun atomic.Int64

// interruption is a step of the clock that Spin's loop cannot have taken by itself.
// A turn of the loop takes some 100 ns.
const interruption = 5 * time.Microsecond

// Spin burns d of processor time and counts what it burnt. It is the known extra
// cost of a positive control: a measurement that does not find it again would not
// find a real difference of that size either. On a busy machine the operating system
// takes the processor away now and then. Such gaps are no cost of the server, so they
// neither shorten the work nor count. The last turn always ends a little late, which
// is why the total can be asked for.
func Spin(d time.Duration) {
	var burnt time.Duration
	for last := time.Now(); burnt < d; {
		now := time.Now()
		if step := now.Sub(last); step < interruption {
			burnt += step
		}
		last = now
	}
	spun.Add(int64(burnt))
}
