package app_test

import (
	"bytes"
	"net"
	"os"
	"testing"

	"bench.lab/kit"
	"bench.lab/kit/kittest"
	"bench.lab/reference/vie"
	"bench.lab/reference/vie/gen"
	"bench.lab/reference/vie/router"
	"bench.lab/vie/app"
)

func TestContract(t *testing.T) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		return app.New(options, vie.Default()).Serve(listener)
	})
}

// Every switch serves the same contract.
func TestContractWithEverySwitch(t *testing.T) {
	for name, change := range map[string]func(*vie.Config){
		"workers":    func(c *vie.Config) { c.Mode, c.Workers = vie.Workers, 4 },
		"goroutines": func(c *vie.Config) { c.Mode = vie.Goroutines },
		"heap":       func(c *vie.Config) { c.Contexts = vie.Heap },
		"pooled":     func(c *vie.Config) { c.Contexts = vie.Pooled },
	} {
		t.Run(name, func(t *testing.T) { contract(t, change) })
	}
	for _, name := range router.Names {
		t.Run(name, func(t *testing.T) { contract(t, func(c *vie.Config) { c.Router = name }) })
	}
}

func contract(t *testing.T, change func(*vie.Config)) {
	kittest.Contract(t, func(options kit.Options, listener net.Listener) error {
		config := vie.Default()
		change(&config)
		return app.New(options, config).Serve(listener)
	})
}

func TestTheGeneratedTableIsCurrent(t *testing.T) {
	want, err := gen.Source(".")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(gen.File); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what vie-gen writes: run `go generate` in this folder (%v).", gen.File, err)
	}
}
