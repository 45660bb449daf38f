package kit

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DefaultListen is the address of a server that is started without LISTEN, as one
// does by hand.
const DefaultListen = "127.0.0.1:8080"

// The largest values that the environment may ask for. Gin accepts at most 62
// handlers on a route, its own and the one for SPIN_NS included; the other bounds
// keep a slip of the keyboard from filling the memory or hanging every request.
const (
	maxRoutes     = 100_000
	maxMiddleware = 50
	maxSpin       = time.Second
	maxTurns      = 1_000_000_000
)

// Options is what the environment asks of a server. Options that were not asked
// for have their zero value, so that tests can write them as literals.
type Options struct {
	Name       string        // the framework, as error messages call it
	Listen     string        // LISTEN: host:port on the loopback device
	Routes     []Route       // ROUTES: extra routes, to register after those of the contract
	Middleware int           // MIDDLEWARE: number of pass-through middlewares
	Spin       time.Duration // SPIN_NS: busy work on each request, see Spin
	CertFile   string        // TLS_CERT: certificate chain, PEM; empty without TLS
	KeyFile    string        // TLS_KEY: private key, PEM; empty without TLS

	turns uint64 // SPIN_TURNS: a loop of known size on each request, see Spin
}

// Setup reads the environment and attaches the probe. When a variable has a value
// that is not allowed, it says which on standard error and ends the process with
// status 2.
func Setup(name string) Options {
	options, err := parse(os.Getenv)
	turns = options.turns
	if err == nil {
		err = attachProbe(os.Getenv("PROBE_FD"))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(2)
	}
	options.Name = name
	return options
}

// attachProbe serves the probe on the inherited socket whose number is given. It
// turns off the sampling of allocations, which the Go linker leaves on in any program
// that can write a heap profile: a server with a probe does what one without does,
// until the first heap profile is asked for.
func attachProbe(number string) error {
	runtime.MemProfileRate = 0
	if number == "" {
		return nil
	}
	socket, err := openProbe(number)
	if err != nil {
		return err
	}
	go serveProbe(socket)
	return nil
}

func parse(getenv func(string) string) (Options, error) {
	var options Options
	var err error
	if options.Listen, err = parseListen(getenv("LISTEN"), getenv("LISTEN_BEYOND")); err != nil {
		return Options{}, err
	}
	if options.Routes, err = parseRoutes(getenv("ROUTES")); err != nil {
		return Options{}, err
	}
	if options.Middleware, err = parseCount("MIDDLEWARE", getenv("MIDDLEWARE"), maxMiddleware); err != nil {
		return Options{}, err
	}
	spin, err := parseCount("SPIN_NS", getenv("SPIN_NS"), int(maxSpin))
	if err != nil {
		return Options{}, err
	}
	options.Spin = time.Duration(spin)
	loops, err := parseCount("SPIN_TURNS", getenv("SPIN_TURNS"), maxTurns)
	if err != nil {
		return Options{}, err
	}
	if loops > 0 && spin > 0 {
		return Options{}, refuse("SPIN_TURNS", getenv("SPIN_TURNS"), "absent where SPIN_NS is given")
	}
	if loops > 0 {
		// A server calls Spin where there is anything to burn, and Spin knows what.
		options.turns, options.Spin = uint64(loops), time.Nanosecond
	}
	options.CertFile, options.KeyFile, err = parseTLS(getenv("TLS_CERT"), getenv("TLS_KEY"))
	return options, err
}

// refuse words the error for a value that is not allowed.
func refuse(variable, value, allowed string) error {
	return fmt.Errorf("%s is %q, but it must be %s", variable, value, allowed)
}

// parseListen allows the loopback device only: a benchmark server has no business
// on a network. LISTEN_BEYOND names the one address beside it that is allowed, for a
// load that comes from another machine; it cannot be the one that means all.
func parseListen(value, beyond string) (string, error) {
	other := net.ParseIP(beyond)
	if beyond != "" && (other == nil || other.IsUnspecified()) {
		return "", refuse("LISTEN_BEYOND", beyond, "one IP address of this machine, or absent")
	}
	if value == "" {
		return DefaultListen, nil
	}
	host, port, err := net.SplitHostPort(value)
	if err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback() || other != nil && other.Equal(net.ParseIP(host))) {
		if number, err := strconv.ParseUint(port, 10, 16); err == nil && number > 0 {
			return value, nil
		}
	}
	return "", refuse("LISTEN", value, "a loopback host and a port from 1 to 65535, such as "+DefaultListen)
}

func parseRoutes(value string) ([]Route, error) {
	count, set, found := strings.Cut(value, ":")
	if !found {
		set = string(Distinct)
	}
	n, err := parseCount("ROUTES", count, maxRoutes)
	known := slices.Contains([]RouteSet{Distinct, Shared, Beside}, RouteSet(set))
	if err != nil || !known || (found && count == "") {
		return nil, refuse("ROUTES", value,
			fmt.Sprintf("a count from 0 to %d, alone or followed by :distinct, :shared or :beside", maxRoutes))
	}
	return ExtraRoutes(n, RouteSet(set)), nil
}

func parseCount(variable, value string, limit int) (int, error) {
	if value == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > limit {
		return 0, refuse(variable, value, fmt.Sprintf("a whole number from 0 to %d", limit))
	}
	return n, nil
}

func parseTLS(cert, key string) (string, string, error) {
	if (cert == "") != (key == "") {
		return "", "", fmt.Errorf("TLS_CERT is %q and TLS_KEY is %q, but TLS needs both and plain HTTP needs neither", cert, key)
	}
	for _, file := range []struct{ variable, path string }{{"TLS_CERT", cert}, {"TLS_KEY", key}} {
		if file.path == "" {
			continue
		}
		if _, err := os.Stat(file.path); err != nil {
			return "", "", refuse(file.variable, file.path, "the path of a PEM file that can be read")
		}
	}
	return cert, key, nil
}
