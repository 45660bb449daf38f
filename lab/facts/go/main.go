// Command facts finds numbers that need no load on a server: what a listing compiles to, how often a
// router allocates, what the kernel answers, how large a program is. It prints a line of JSON a fact.
//
// Each fact is found in a process of its own, so that none finds the garbage, the threads or the
// settings of another. What is timed is timed in pairs, in random order, beside a pair of the first
// with itself.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"sort"
)

// Kinds of facts.
const (
	Exact   = "exact"   // the same whenever it is asked
	Counted = "counted" // counted several times
	Timed   = "timed"   // logarithms of ratios of CPU time
)

// Found is what a fact's function found.
type Found struct {
	Values []float64 `json:"values"` // one an asking
	Copies []float64 `json:"copies"` // of what is timed: the same with itself
}

// Fact is a number and how to find it.
type Fact struct {
	Name string       `json:"fact"`
	Kind string       `json:"kind"`
	Unit string       `json:"unit"`
	What string       `json:"what"`
	Find func() Found `json:"-"`
}

// Line is what is printed of a fact.
type Line struct {
	Fact
	Found
}

var facts []Fact

func add(kind, name, unit, what string, find func() Found) {
	facts = append(facts, Fact{Name: name, Kind: kind, Unit: unit, What: what, Find: find})
}

// exact is a fact that is asked once.
func exact(name, unit, what string, find func() float64) {
	add(Exact, name, unit, what, func() Found { return Found{Values: []float64{find()}} })
}

// counted is a fact that is asked five times.
func counted(name, unit, what string, find func() float64) {
	add(Counted, name, unit, what, func() Found {
		var found Found
		for range 5 {
			found.Values = append(found.Values, find())
		}
		return found
	})
}

// must ends the process of a fact that cannot be found; the others go on.
func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func yes(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func main() {
	only := flag.String("only", "", "find this one fact, in this process")
	timed := flag.Bool("timed", false, "find what is timed, and only that")
	flag.Parse()
	sort.Slice(facts, func(i, j int) bool { return facts[i].Name < facts[j].Name })
	if *only != "" {
		for _, fact := range facts {
			if fact.Name == *only {
				check(json.NewEncoder(os.Stdout).Encode(Line{fact, fact.Find()}))
				return
			}
		}
		fmt.Fprintf(os.Stderr, "there is no fact %q\n", *only)
		os.Exit(2)
	}
	failed := false
	self := must(os.Executable())
	for _, fact := range facts {
		if (fact.Kind == Timed) != *timed {
			continue
		}
		command := exec.Command(self, "-only", fact.Name)
		command.Stderr = os.Stderr
		line, err := command.Output()
		if err != nil {
			fmt.Fprintf(os.Stderr, "the fact %s cannot be found: %v\n", fact.Name, err)
			failed = true
			continue
		}
		os.Stdout.Write(line)
	}
	if failed {
		os.Exit(1)
	}
}
