package vie

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"bench.lab/reference/vie/pool"
	"bench.lab/reference/vie/router"
)

// Config are the choices that the article's claims are about. The zero value is no choice: begin
// with [Default].
type Config struct {
	// Router is "generated" or one of [router.Names].
	Router string
	// Table is what a generated router searches; see the command vie-gen.
	Table router.Table
	// Pool is where buffers come from.
	Pool pool.Kind
	// Contexts is how long a Context lives.
	Contexts Contexts
	// Mode is where handlers run.
	Mode Mode
	// Workers is how many goroutines run handlers in the mode Workers.
	Workers int
	// Loops is how many event loops there are; 0 for one each processor that Go uses.
	Loops int
}

// Contexts is how long a [Context] lives.
type Contexts int

const (
	Reuse  Contexts = iota // as long as its connection
	Heap                   // one request, then the garbage collector has it
	Pooled                 // one request, then a sync.Pool has it
)

// Mode is where handlers run.
type Mode int

const (
	Inline     Mode = iota // on the event loop: a handler that blocks blocks its connections
	Workers                // on so many goroutines, which take requests from a channel
	Goroutines             // on a goroutine of its own for each time that a connection has requests
)

// Default is the article's server: a generated router, three levels of pools, contexts that live as
// long as their connections, handlers on the loops.
func Default() Config {
	return Config{Router: "generated", Pool: pool.Three, Contexts: Reuse, Mode: Inline}
}

// Setup is [FromEnv] for a command: a value that is not allowed ends the process with status 2 and one
// sentence on standard error, which begins with the name.
func Setup(name string) Config {
	config, err := FromEnv(os.Getenv)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(2)
	}
	return config
}

// FromEnv is Default, changed by VIE_ROUTER, VIE_POOL, VIE_CTX and VIE_MODE where they are set.
//
//	VIE_ROUTER=generated|linear|regex|trie|radix|burst|adaptive
//	VIE_POOL=make|global|two|three
//	VIE_CTX=heap|pool|reuse
//	VIE_MODE=inline|pool:N|goroutine
func FromEnv(getenv func(string) string) (Config, error) {
	config := Default()
	if word := getenv("VIE_ROUTER"); word != "" {
		if _, err := router.New(word); err != nil && word != "generated" {
			return config, fmt.Errorf("VIE_ROUTER is %q, but it must be generated, %s", word, strings.Join(router.Names, ", "))
		}
		config.Router = word
	}
	if word := getenv("VIE_POOL"); word != "" {
		kind, err := pool.ParseKind(word)
		if err != nil {
			return config, err
		}
		config.Pool = kind
	}
	switch word := getenv("VIE_CTX"); word {
	case "", "reuse":
	case "heap":
		config.Contexts = Heap
	case "pool":
		config.Contexts = Pooled
	default:
		return config, fmt.Errorf("VIE_CTX is %q, but it must be heap, pool or reuse", word)
	}
	word := getenv("VIE_MODE")
	number, isPool := strings.CutPrefix(word, "pool:")
	n, err := strconv.Atoi(number)
	switch {
	case word == "", word == "inline":
	case word == "goroutine":
		config.Mode = Goroutines
	case isPool && err == nil && 0 < n && n <= maxWorkers:
		config.Mode, config.Workers = Workers, n
	default:
		return config, fmt.Errorf("VIE_MODE is %q, but it must be inline, goroutine or pool:N with N from 1 to %d", word, maxWorkers)
	}
	return config, nil
}

const maxWorkers = 65536

func (c Config) loops() int {
	if c.Loops > 0 {
		return c.Loops
	}
	return runtime.GOMAXPROCS(0)
}
