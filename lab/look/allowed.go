package main

import (
	"go/ast"
	"strconv"
	"strings"
)

const kit = "bench.lab/kit"

// names are what a server of a framework may use of the standard library: what all honest ones
// need, and their like. `*` stands for any end. Whoever needs more declares it with its reason.
var names = map[string]string{
	"bytes":         "NewReader NewBuffer Buffer",
	"context":       "Context Background WithCancel WithTimeout",
	"encoding/json": "Marshal Unmarshal NewEncoder NewDecoder",
	"errors":        "New Is As Join",
	"io":            "Discard ReadAll WriteString Reader Writer LimitReader EOF",
	"log":           "New",
	"log/slog":      "Level* New DiscardHandler",
	"net":           "SplitHostPort JoinHostPort Listener",
	"net/http":      "Error Handler HandlerFunc MaxBytesReader MaxBytesError Method* NoBody Request ResponseWriter Status*",
	"net/url":       "PathUnescape",
	"strconv":       "Atoi Itoa",
	"time":          "Duration Nanosecond Microsecond Millisecond Second Minute Hour",
}

// namesOfMain are what starting a server needs beside.
var namesOfMain = map[string]string{
	"crypto/tls":  "Certificate Config LoadX509KeyPair NewListener",
	"fmt":         "Errorf",
	"net/http":    "Server ErrServerClosed",
	"sync/atomic": "Pointer",
}

// namesOfEngines are what speaking HTTP by hand needs beside.
var namesOfEngines = map[string]string{
	"bufio": "*", "bytes": "*", "encoding/json": "*", "fmt": "*", "io": "*", "math/bits": "*", "net": "*", "net/http": "*",
	"net/url": "*", "slices": "*", "strconv": "*", "strings": "*", "sync": "*", "sync/atomic": "*", "time": "*",
}

// namesOfStd are the router of the standard library, for the server that is about it.
const namesOfStd = "NewServeMux ServeMux"

func (l *looker) allows(pkg, name string) bool {
	lists := []string{names[pkg]}
	if l.main {
		lists = append(lists, namesOfMain[pkg])
	}
	if l.Engine {
		lists = append(lists, namesOfEngines[pkg])
	}
	if l.Module == "std" && pkg == "net/http" {
		lists = append(lists, namesOfStd)
	}
	for _, list := range lists {
		for _, allowed := range strings.Fields(list) {
			if start, any := strings.CutSuffix(allowed, "*"); allowed == name || any && strings.HasPrefix(name, start) {
				return true
			}
		}
	}
	return false
}

// known tells a package of the standard library of which something is allowed.
func (l *looker) known(pkg string) bool {
	return names[pkg] != "" || l.main && namesOfMain[pkg] != "" || l.Engine && namesOfEngines[pkg] != ""
}

func within(pkg, module string) bool {
	return module != "" && (pkg == module || strings.HasPrefix(pkg, module+"/"))
}

// lookAtImports holds a file's imports to the declared module, its engine, the kit, the server's
// own packages and the standard library's list.
func (l *looker) lookAtImports(file *ast.File) {
	for _, spec := range file.Imports {
		pkg, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := nameOf(pkg)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "_" || name == "." {
			l.report(spec.Pos(), "import "+name+" "+pkg, "an import whose uses cannot be seen")
		}
		l.imports[name] = pkg
		if within(pkg, l.Module) {
			l.used++ // Go lets nobody import what is not used.
		}
		if !l.importable(pkg) {
			l.report(spec.Pos(), "import "+pkg, "is neither of the declared module, its engine or the kit, nor one of the packages that servers need")
		}
	}
}

func (l *looker) importable(pkg string) bool {
	if pkg == kit || within(pkg, l.EngineModule) || l.known(pkg) {
		return true
	}
	if within(pkg, l.Module) && l.Module != "std" {
		// What answers in the place of handlers.
		return !strings.Contains(pkg[len(l.Module):], "cache") && !strings.Contains(pkg[len(l.Module):], "proxy")
	}
	for _, own := range l.own {
		if within(pkg, own) {
			return true
		}
	}
	return false
}

// nameOf guesses a package's name from its path, as Go's own tools do: a major version and what
// stands behind a dot are no part of it.
func nameOf(pkg string) string {
	parts := strings.Split(pkg, "/")
	name := parts[len(parts)-1]
	if len(parts) > 1 && len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
		name = parts[len(parts)-2]
	}
	name, _, _ = strings.Cut(name, ".")
	return name
}

// names finds what of a package is used that is not on its list.
func (l *looker) names(node ast.Node) bool {
	selector, is := node.(*ast.SelectorExpr)
	if !is {
		return true
	}
	of, is := selector.X.(*ast.Ident)
	if !is {
		return true
	}
	if pkg := l.imports[of.Name]; l.known(pkg) && !l.allows(pkg, selector.Sel.Name) {
		l.report(selector.Pos(), "name "+pkg+"."+selector.Sel.Name, "is not what servers need of "+pkg)
	}
	return true
}
