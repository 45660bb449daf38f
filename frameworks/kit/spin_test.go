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

// How many instructions a turn takes is held under the lab's emulator; here, that
// Spin goes round and burns no time that it would count.
func TestSpinGoesRoundInsteadWhereTurnsAreSet(t *testing.T) {
	turns = 5
	defer func() { turns = 0 }()
	before := spun.Load()
	Spin(time.Hour)
	if now := spun.Load(); now != before {
		t.Errorf("Spin counted %d ns of time.", now-before)
	}
}
