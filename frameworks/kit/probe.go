package kit

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// The probe lets the process that started a server look into its Go runtime
// without a route for it, which would need net/http and be part of what is
// measured. It speaks over an inherited stream socket: one command a line, one
// JSON object a line in answer. Between two commands its goroutine is parked on
// the socket and costs nothing.

// commands are the words that the probe knows, with what runs when they come. The
// argument is the rest of the line.
var commands = map[string]func(argument string) (any, error){
	"runtime": without(func() (any, error) { return readRuntime(), nil }),
	"gc":      without(collect),
	"free":    without(free),
	"salt":    salt,
	"heap":    without(heapProfile),
	"cpu":     cpuProfile,
	"trace":   executionTrace,
}

// openProbe returns the inherited socket with the given descriptor number.
func openProbe(number string) (io.ReadWriteCloser, error) {
	const allowed = "the number of an inherited, connected stream socket, 3 or higher"
	fd, err := strconv.Atoi(number)
	if err != nil || fd < 3 {
		return nil, refuse("PROBE_FD", number, allowed)
	}
	file := os.NewFile(uintptr(fd), "probe")
	defer file.Close() // FileConn works on a duplicate
	socket, err := net.FileConn(file)
	if err != nil {
		return nil, refuse("PROBE_FD", number, allowed)
	}
	return socket, nil
}

// serveProbe answers commands until the other side closes the socket. The server
// goes on without it.
func serveProbe(socket io.ReadWriteCloser) {
	defer socket.Close()
	answers := json.NewEncoder(socket)
	for lines := bufio.NewScanner(socket); lines.Scan(); {
		if answers.Encode(answer(lines.Text())) != nil {
			return
		}
	}
}

// answer runs one command. An error becomes an answer as well, so that the asker
// never waits in vain.
func answer(line string) any {
	word, argument, _ := strings.Cut(strings.TrimSpace(line), " ")
	run, known := commands[word]
	if !known {
		return failure{fmt.Sprintf("The probe does not know the command %q. It knows %s.", word, commandNames())}
	}
	result, err := run(argument)
	if err != nil {
		return failure{err.Error()}
	}
	return result
}

type failure struct {
	Error string `json:"error"`
}

func commandNames() string {
	var names []string
	for name := range commands {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// without makes a command of a function that takes no argument.
func without(run func() (any, error)) func(string) (any, error) {
	return func(argument string) (any, error) {
		if argument != "" {
			return nil, fmt.Errorf("this command takes no argument, but it was given %q", argument)
		}
		return run()
	}
}

// collect runs the garbage collector twice, because what the first run finds in a
// sync.Pool only becomes garbage for the second.
func collect() (any, error) {
	runtime.GC()
	runtime.GC()
	return readRuntime(), nil
}

// free also returns the freed pages to the system.
func free() (any, error) {
	debug.FreeOSMemory()
	return readRuntime(), nil
}

// salt changes what Message returns; without an argument it changes it back. A text comes
// as JSON, so that it can hold what JSON has to escape.
func salt(argument string) (any, error) {
	if argument == "" {
		return setSalt(""), nil
	}
	if _, err := strconv.ParseUint(argument, 10, 64); err == nil {
		return setSalt(argument), nil
	}
	var text string
	if err := json.Unmarshal([]byte(argument), &text); err != nil {
		return nil, fmt.Errorf("the salt is %q, but it must be a whole number that is not negative, or a JSON string", argument)
	}
	return setSalt(text), nil
}
