package kit

import (
	"testing"
	"time"
)

func TestSpinTakesAndCountsItsTime(t *testing.T) {
	before, start := spun.Load(), time.Now()
	Spin(2 * time.Millisecond)
	passed, counted := time.Since(start), time.Duration(spun.Load()-before)
	// A hypervisor may take away what the thread is not charged with.
	if passed < 2*time.Millisecond || counted < time.Millisecond || counted > passed+time.Millisecond {
		t.Errorf("Spin counted %v in %v, want about 2 ms and no more than passed.", counted, passed)
	}
}
