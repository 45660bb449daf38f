package kit

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"time"
)

// Profile is the probe's answer to heap, cpu and trace. JSON carries the bytes in
// base64.
type Profile struct {
	Kind string `json:"kind"`
	Data []byte `json:"data"`
}

// sampled is how many bytes are allocated between two samples, as Go has it by itself.
const sampled = 512 << 10

// heapProfile begins to sample with the first profile, which therefore has little in it.
func heapProfile() (any, error) {
	if runtime.MemProfileRate == 0 {
		runtime.MemProfileRate = sampled
	}
	var data bytes.Buffer
	if err := pprof.Lookup("heap").WriteTo(&data, 0); err != nil {
		return nil, fmt.Errorf("the heap profile could not be written: %w", err)
	}
	return Profile{Kind: "heap", Data: data.Bytes()}, nil
}

func cpuProfile(seconds string) (any, error) {
	return record("cpu", seconds, pprof.StartCPUProfile, pprof.StopCPUProfile)
}

func executionTrace(seconds string) (any, error) {
	return record("trace", seconds, trace.Start, trace.Stop)
}

// maxRecording bounds how long the probe can be busy with one command.
const maxRecording = 60

func record(kind, seconds string, start func(io.Writer) error, stop func()) (any, error) {
	n, err := strconv.Atoi(seconds)
	if err != nil || n < 1 || n > maxRecording {
		return nil, fmt.Errorf("the duration is %q, but it must be a whole number of seconds from 1 to %d", seconds, maxRecording)
	}
	var data bytes.Buffer
	if err := start(&data); err != nil {
		return nil, fmt.Errorf("the recording %q could not be started: %w", kind, err)
	}
	time.Sleep(time.Duration(n) * time.Second)
	stop()
	return Profile{Kind: kind, Data: data.Bytes()}, nil
}
