package kit

import (
	"sync/atomic"
	"time"
)

// spun is the time that Spin has burnt since the start, in nanoseconds.
var spun atomic.Int64

// Spin keeps the processor busy for d and counts the time it took. It is the
// known extra cost of a positive control: a measurement that does not find it
// again would not find a real difference of that size either. What is counted is
// the time that went by, not the time that was asked for, because the last turn
// of the loop always ends a little late.
func Spin(d time.Duration) {
	start := time.Now()
	elapsed := time.Since(start)
	for elapsed < d {
		elapsed = time.Since(start)
	}
	spun.Add(int64(elapsed))
}
