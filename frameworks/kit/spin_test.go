package kit

import (
	"testing"
	"time"
)

func TestSpinTakesAndCountsItsTime(t *testing.T) {
	before, start := spun.Load(), time.Now()
	Spin(2 * time.Millisecond)
	passed, counted := time.Since(start), time.Duration(spun.Load()-before)
	// The two clocks may run apart by a fraction of a per cent.
	if passed < 2*time.Millisecond || counted < 1980*time.Microsecond || counted > passed {
		t.Errorf("Spin counted %v in %v, want at least 2 ms and no more than passed.", counted, passed)
	}
}
