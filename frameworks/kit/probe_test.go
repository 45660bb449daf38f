package kit

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// inherited returns one end of a connected socket pair as the lab holds it, and the
// descriptor number of the other as a server inherits it.
func inherited(t *testing.T) (net.Conn, string) {
	t.Helper()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(pair[0]), "lab")
	defer file.Close()
	lab, err := net.FileConn(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lab.Close() })
	return lab, strconv.Itoa(pair[1])
}

// attached serves the probe and returns a function that asks it.
func attached(t *testing.T) func(command string) string {
	t.Helper()
	lab, number := inherited(t)
	socket, err := openProbe(number)
	if err != nil {
		t.Fatal(err)
	}
	go serveProbe(socket)
	answers := bufio.NewReader(lab)
	return func(command string) string {
		t.Helper()
		io.WriteString(lab, command+"\n")
		line, err := answers.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		return line
	}
}

func TestProbeReadsTheRuntime(t *testing.T) {
	ask := attached(t)
	var before, after Reading
	Spin(time.Microsecond)
	json.Unmarshal([]byte(ask("runtime")), &before)
	json.Unmarshal([]byte(ask("gc")), &after)
	if before.TotalBytes == 0 || before.Mallocs == 0 || before.Goroutines == 0 || before.GOMAXPROCS == 0 || before.SpinNS == 0 {
		t.Errorf("The reading has zeros where there can be none: %+v.", before)
	}
	if got := after.GCForced - before.GCForced; got != 2 {
		t.Errorf("The command gc ran %d collections, want 2.", got)
	}
	if pauses := after.GCPauses; pauses.Count == 0 || pauses.P50NS > pauses.P99NS || pauses.P99NS > pauses.MaxNS {
		t.Errorf("The pauses are %+v.", pauses)
	}
	var freed Reading
	if json.Unmarshal([]byte(ask("free")), &freed); freed.ReleasedBytes == 0 {
		t.Errorf("The command free released nothing: %+v.", freed)
	}
}

func TestProbeSalts(t *testing.T) {
	defer setSalt("")
	ask := attached(t)
	if got, want := ask("salt 42"), `{"message":"ok-42"}`+"\n"; got != want {
		t.Errorf("salt 42 is answered with %q, want %q.", got, want)
	}
	if got := Message().Message; got != "ok-42" {
		t.Errorf("The message is %q.", got)
	}
	if got, want := ask("salt"), `{"message":"ok"}`+"\n"; got != want {
		t.Errorf("salt is answered with %q, want %q.", got, want)
	}
}

func TestProbeSendsProfiles(t *testing.T) {
	ask := attached(t)
	for command, magic := range map[string]string{"heap": "\x1f\x8b", "cpu 1": "\x1f\x8b", "trace 1": "go 1."} {
		var profile Profile
		if err := json.Unmarshal([]byte(ask(command)), &profile); err != nil {
			t.Errorf("%s: %v", command, err)
		}
		if kind, _, _ := strings.Cut(command, " "); profile.Kind != kind || !strings.HasPrefix(string(profile.Data), magic) {
			t.Errorf("%s: got kind %q and data %.20q.", command, profile.Kind, profile.Data)
		}
	}
}

func TestProbeAnswersBadCommandsWithAnError(t *testing.T) {
	ask := attached(t)
	for _, command := range []string{"", "heat", "gc 2", "salt x", "salt -1", "cpu", "cpu 0", "cpu 61", "trace soon"} {
		var got failure
		if err := json.Unmarshal([]byte(ask(command)), &got); err != nil || got.Error == "" {
			t.Errorf("%q: got %+v and %v, want an error.", command, got, err)
		}
	}
}

func TestProbeEndsWithItsSocket(t *testing.T) {
	lab, number := inherited(t)
	socket, err := openProbe(number)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { serveProbe(socket); close(ended) }()
	lab.Close()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("The probe goes on after its socket was closed.")
	}
}

func TestProbeNeedsASocket(t *testing.T) {
	for _, number := range []string{"x", "-1", "0", "2", "1000000"} {
		if _, err := openProbe(number); err == nil || !strings.Contains(err.Error(), "PROBE_FD") {
			t.Errorf("PROBE_FD=%s: the error is %v.", number, err)
		}
	}
}

func TestQuantilesAreBoundsOfTheirBuckets(t *testing.T) {
	histogram := Histogram{Count: 100, Buckets: []Bucket{{10, 49}, {20, 1}, {30, 48}, {40, 2}}}
	for q, want := range map[float64]uint64{0: 10, 0.5: 20, 0.51: 30, 0.98: 30, 0.99: 40, 1: 40} {
		if got := histogram.quantile(q); got != want {
			t.Errorf("The %g-quantile is %d, want %d.", q, got, want)
		}
	}
	if got := (Histogram{}).quantile(0.5); got != 0 {
		t.Errorf("The quantile of nothing is %d.", got)
	}
}
