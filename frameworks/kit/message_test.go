package kit

import (
	"strconv"
	"sync"
	"testing"
)

func TestMessageCarriesTheSalt(t *testing.T) {
	defer setSalt("")
	for _, step := range []struct{ salt, want string }{{"7", "ok-7"}, {"8", "ok-8"}, {"", "ok"}} {
		setSalt(step.salt)
		if got := Message().Message; got != step.want {
			t.Errorf("After salt %q the message is %q, want %q.", step.salt, got, step.want)
		}
	}
}

// TestMessageMayChangeUnderLoad is for the race detector.
func TestMessageMayChangeUnderLoad(t *testing.T) {
	defer setSalt("")
	var wait sync.WaitGroup
	for reader := range 4 {
		wait.Go(func() {
			for range 1000 {
				if Message().Message == "" {
					t.Errorf("Reader %d got an empty message.", reader)
				}
			}
		})
	}
	for i := range 1000 {
		setSalt(strconv.Itoa(i))
	}
	wait.Wait()
}
