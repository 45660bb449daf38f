package kit

import (
	"math"
	"runtime/metrics"
)

// Reading is the probe's answer to runtime, gc and free. Counters run from the
// start of the process; the difference of two readings is what happened between
// them.
type Reading struct {
	HeapObjectsBytes uint64    `json:"heap_objects_bytes"` // objects, reachable or not yet swept
	HeapLiveBytes    uint64    `json:"heap_live_bytes"`    // found reachable by the last collection
	HeapGoalBytes    uint64    `json:"heap_goal_bytes"`    // the next collection ends about here
	TotalBytes       uint64    `json:"total_bytes"`        // all memory that the runtime has mapped
	ReleasedBytes    uint64    `json:"released_bytes"`     // the part of it returned to the system
	AllocatedBytes   uint64    `json:"allocated_bytes"`    // counter
	Mallocs          uint64    `json:"mallocs"`            // counter, tiny objects included
	Frees            uint64    `json:"frees"`              // counter, tiny objects included
	GCCycles         uint64    `json:"gc_cycles"`          // counter, forced ones included
	GCForced         uint64    `json:"gc_forced"`          // counter: those that somebody asked for
	GCCPUSeconds     float64   `json:"gc_cpu_seconds"`     // counter, brought up to date by each collection
	GCPauses         Histogram `json:"gc_pauses"`
	Goroutines       uint64    `json:"goroutines"`
	GOMAXPROCS       uint64    `json:"gomaxprocs"`
	GOGC             uint64    `json:"gogc"`         // percent; the largest number where it is off
	MemoryLimit      uint64    `json:"memory_limit"` // bytes; the largest signed number where there is none
	SpinNS           int64     `json:"spin_ns"`      // counter: time burnt by Spin
}

// Histogram sums up durations. The quantiles are upper bounds of their buckets and
// cover the time since the start; the buckets are there so that two readings can
// be subtracted.
type Histogram struct {
	Count   uint64   `json:"count"`
	P50NS   uint64   `json:"p50_ns"`
	P99NS   uint64   `json:"p99_ns"`
	MaxNS   uint64   `json:"max_ns"`
	Buckets []Bucket `json:"buckets"` // those that are not empty, in ascending order
}

// Bucket counts the durations up to its bound and above that of the bucket before.
type Bucket struct {
	UpToNS uint64 `json:"up_to_ns"`
	Count  uint64 `json:"count"`
}

// readRuntime takes a reading from runtime/metrics, which unlike
// runtime.ReadMemStats does not stop the world.
func readRuntime() Reading {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/gc/heap/goal:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/gc/heap/allocs:objects"},
		{Name: "/gc/heap/frees:objects"},
		{Name: "/gc/heap/tiny/allocs:objects"},
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/gc/cycles/forced:gc-cycles"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/sched/pauses/total/gc:seconds"},
		{Name: "/sched/goroutines:goroutines"},
		{Name: "/sched/gomaxprocs:threads"},
		{Name: "/gc/gogc:percent"},
		{Name: "/gc/gomemlimit:bytes"},
	}
	metrics.Read(samples)
	value := make(map[string]metrics.Value, len(samples))
	for _, sample := range samples {
		value[sample.Name] = sample.Value
	}
	tiny := value["/gc/heap/tiny/allocs:objects"].Uint64()
	return Reading{
		HeapObjectsBytes: value["/memory/classes/heap/objects:bytes"].Uint64(),
		HeapLiveBytes:    value["/gc/heap/live:bytes"].Uint64(),
		HeapGoalBytes:    value["/gc/heap/goal:bytes"].Uint64(),
		TotalBytes:       value["/memory/classes/total:bytes"].Uint64(),
		ReleasedBytes:    value["/memory/classes/heap/released:bytes"].Uint64(),
		AllocatedBytes:   value["/gc/heap/allocs:bytes"].Uint64(),
		Mallocs:          value["/gc/heap/allocs:objects"].Uint64() + tiny,
		Frees:            value["/gc/heap/frees:objects"].Uint64() + tiny,
		GCCycles:         value["/gc/cycles/total:gc-cycles"].Uint64(),
		GCForced:         value["/gc/cycles/forced:gc-cycles"].Uint64(),
		GCCPUSeconds:     value["/cpu/classes/gc/total:cpu-seconds"].Float64(),
		GCPauses:         summarise(value["/sched/pauses/total/gc:seconds"].Float64Histogram()),
		Goroutines:       value["/sched/goroutines:goroutines"].Uint64(),
		GOMAXPROCS:       value["/sched/gomaxprocs:threads"].Uint64(),
		GOGC:             value["/gc/gogc:percent"].Uint64(),
		MemoryLimit:      value["/gc/gomemlimit:bytes"].Uint64(),
		SpinNS:           spun.Load(),
	}
}

func summarise(from *metrics.Float64Histogram) Histogram {
	sum := Histogram{Buckets: []Bucket{}}
	for i, count := range from.Counts {
		if count == 0 {
			continue
		}
		bound := from.Buckets[i+1]
		if math.IsInf(bound, 1) {
			// The last bucket has no upper bound to report.
			bound = from.Buckets[i]
		}
		sum.Count += count
		sum.Buckets = append(sum.Buckets, Bucket{UpToNS: uint64(math.Round(bound * 1e9)), Count: count})
	}
	sum.P50NS = sum.quantile(0.50)
	sum.P99NS = sum.quantile(0.99)
	sum.MaxNS = sum.quantile(1)
	return sum
}

// quantile returns the bound of the bucket that holds the q-quantile, 0 when the
// histogram is empty.
func (h Histogram) quantile(q float64) uint64 {
	rank := uint64(math.Ceil(q * float64(h.Count)))
	seen := uint64(0)
	for _, bucket := range h.Buckets {
		seen += bucket.Count
		if seen >= rank {
			return bucket.UpToNS
		}
	}
	return 0
}
