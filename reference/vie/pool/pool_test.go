package pool

import (
	"sync"
	"testing"
)

func TestNobodyHasABufferTwice(t *testing.T) {
	for _, kind := range []Kind{Make, Global, Two, Three} {
		pool := New(kind)
		var all sync.WaitGroup
		for worker := range 4 {
			all.Go(func() {
				local := pool.Local()
				held := [][]byte{}
				for turn := range 2000 {
					buffer := local.Get(1 + turn%3*5000)
					mark := byte(worker*50 + turn%50)
					buffer[0], buffer[len(buffer)-1] = mark, mark
					held = append(held, buffer)
					if len(held) == 50 {
						for i, buffer := range held {
							want := byte(worker*50 + (turn-49+i)%50)
							if buffer[0] != want || buffer[len(buffer)-1] != want {
								t.Errorf("kind %d: a buffer was written by somebody else", kind)
								return
							}
							local.Put(buffer)
						}
						held = held[:0]
					}
				}
			})
		}
		all.Wait()
	}
}

func TestSizes(t *testing.T) {
	local := New(Three).Local()
	for _, size := range []int{0, 1, Smallest, Smallest + 1, 1 << 20, 4<<20 + 1} {
		if got := len(local.Get(size)); got < size || got < Smallest {
			t.Errorf("For %d bytes there are %d.", size, got)
		}
	}
}

func TestWhatIsPutIsGotAgainWithoutAllocating(t *testing.T) {
	for kind, want := range map[Kind]float64{Make: 1, Global: 0, Two: 0, Three: 0} {
		local := New(kind).Local()
		local.Put(local.Get(100))
		if got := testing.AllocsPerRun(1000, func() { local.Put(local.Get(100)) }); got != want {
			t.Errorf("kind %d allocates %v times, want %v.", kind, got, want)
		}
	}
}

func TestLevelsHaveLimits(t *testing.T) {
	pool := New(Three)
	local := pool.Local()
	buffers := make([][]byte, 3*globalBytes/Smallest)
	for i := range buffers {
		buffers[i] = make([]byte, Smallest)
	}
	for _, buffer := range buffers {
		local.Put(buffer)
	}
	of := func(list [][]byte) int { return len(list) * Smallest }
	l1, l2, l3 := of(local.lists[0]), of(pool.shared.lists[0]), of(pool.global.lists[0])
	if l1 > localBytes || l2 > sharedBytes || l3 > globalBytes {
		t.Errorf("The levels hold %d, %d and %d bytes.", l1, l2, l3)
	}
	if l1 == 0 || l2 == 0 || l3 != globalBytes {
		t.Errorf("The levels hold %d, %d and %d bytes: one is not used.", l1, l2, l3)
	}
	// A part that is empty takes a batch, first of the shared level, at last of the global one.
	other := pool.Local()
	other.Get(1)
	if got := len(other.lists[0]); got != Batch-1 {
		t.Errorf("Of a batch %d are left.", got)
	}
	held := 0
	for pool.shared.lists[0] != nil && len(pool.shared.lists[0]) > 0 && held < 1<<20 {
		other.Get(1)
		held++
	}
	for range Batch + 1 {
		other.Get(1)
	}
	if got := of(pool.global.lists[0]); got >= globalBytes {
		t.Error("The global level was not asked.")
	}
}

// Many goroutines that keep nothing for themselves: what they gave back is in the shared levels.
func TestADirectPartKeepsNothing(t *testing.T) {
	for _, kind := range []Kind{Two, Three} {
		pool := New(kind)
		for range 1000 {
			local := pool.Direct()
			first, second := local.Get(1), local.Get(1)
			local.Put(first)
			local.Put(second)
			if len(local.lists[0]) != 0 {
				t.Fatalf("kind %d: it keeps %d buffers.", kind, len(local.lists[0]))
			}
		}
		if all := len(pool.shared.lists[0]) + len(pool.global.lists[0]); all != 2 {
			t.Errorf("kind %d: %d buffers were made, and 2 are enough.", kind, all)
		}
	}
}

func BenchmarkGetPut(b *testing.B) {
	for _, name := range []string{"make", "global", "two", "three"} {
		kind, err := ParseKind(name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			local := New(kind).Local()
			b.ReportAllocs()
			for b.Loop() {
				local.Put(local.Get(Smallest))
			}
		})
		b.Run(name+"/parallel", func(b *testing.B) {
			pool := New(kind)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				local := pool.Local()
				for pb.Next() {
					local.Put(local.Get(Smallest))
				}
			})
		})
	}
}
