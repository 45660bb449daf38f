// Command look reads the Go files of a server and prints, a line each, what they do that its
// class does not allow:
//
//	app/app.go:57	mention URL	r.URL.Path: only the router looks at a request's target
//
// The three parts are parted by tabs: the place, the key by which framework.yaml may declare an
// exception, and words. The rules allow and do not forbid, as far as names can tell: packages and
// what of them is used (allowed.go), mentions of what leads to the path (mentions.go), what may
// steer a handler (flow.go), what may outlive a request (state.go). Test files are left out.
// The lab compiles these files into itself, so they need nothing but the standard library.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

func main() {
	var rules Rules
	flag.BoolVar(&rules.Engine, "raw", false, "a class that may look at the path by itself")
	flag.StringVar(&rules.Module, "module", "std", "the module that the server is about")
	flag.StringVar(&rules.EngineModule, "engine", "", "the module of its engine, where that is another")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: look [-raw] [-module MODULE] [-engine MODULE] FOLDER...")
		os.Exit(2)
	}
	findings, err := Look(rules, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, finding := range findings {
		fmt.Println(finding)
	}
}

// Rules are what decides what a source may do.
type Rules struct {
	Engine       bool   // it speaks HTTP by itself: any path, any control flow
	Module       string // the declared module, "std" for the standard library
	EngineModule string // the module of its engine, empty where there is none
	own          []string
}

// Finding is one thing that is not allowed.
type Finding struct {
	Place, Key, Words string
}

func (f Finding) String() string { return f.Place + "\t" + f.Key + "\t" + f.Words }

// Look returns the findings of all Go files below folders, sorted by place. The folders are
// modules of one server: a variant's own, and that of the framework that it varies.
func Look(rules Rules, folders []string) ([]Finding, error) {
	for _, folder := range folders {
		module, err := moduleOf(folder)
		if err != nil {
			return nil, err
		}
		rules.own = append(rules.own, module)
	}
	var findings []Finding
	uses := 0
	for i, folder := range folders {
		before := ""
		if i > 0 {
			before = filepath.Base(folder) + "/"
		}
		found, used, err := rules.below(folder, before)
		if err != nil {
			return nil, err
		}
		findings = append(findings, found...)
		uses += used
	}
	if uses == 0 && rules.Module != "std" {
		findings = append(findings, Finding{"go.mod:1", "unused " + rules.Module,
			"nothing of the declared module is used: " + rules.Module})
	}
	return findings, nil
}

// moduleOf reads the module's path from a folder's go.mod.
func moduleOf(folder string) (string, error) {
	text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if words := strings.Fields(line); len(words) >= 2 && words[0] == "module" {
			return strings.Trim(words[1], "\"`"), nil
		}
	}
	return "", fmt.Errorf("%s/go.mod names no module", folder)
}

// below looks at one module; modules inside of it are none of its own.
func (r Rules) below(folder, before string) (findings []Finding, uses int, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		name = before + filepath.ToSlash(name)
		if entry.IsDir() {
			return r.enter(path, name, folder, &findings)
		}
		// What Go never compiles: an editor's lock file, a link to nothing.
		if unseen(entry.Name()) || strings.HasSuffix(entry.Name(), "_test.go") {
			return nil
		}
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return nil
		}
		if foreign(entry.Name()) {
			findings = append(findings, Finding{name + ":1", "file " + strings.TrimPrefix(name, before),
				"is compiled in and is no Go"})
		}
		if !strings.HasSuffix(entry.Name(), ".go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found, used, err := r.lookAt(name, source)
		findings = append(findings, found...)
		uses += used
		return err
	})
	return findings, uses, err
}

// enter says which folders are looked at.
func (r Rules) enter(path, name, root string, findings *[]Finding) error {
	if path == root {
		return nil
	}
	base := filepath.Base(path)
	if base == "vendor" {
		// Go takes modules from there without a word in what the executable says of itself.
		*findings = append(*findings, Finding{name + ":1", "file vendor", "takes the place of the modules that go.mod names"})
		return filepath.SkipDir
	}
	if unseen(base) || base == "testdata" {
		return filepath.SkipDir
	}
	if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
		return filepath.SkipDir
	}
	return nil
}

func unseen(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

// foreign tells what `go build` takes besides Go.
func foreign(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".s", ".sx", ".syso", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".for", ".f90", ".swig", ".swigcxx", ".a", ".o":
		return true
	}
	return false
}

// looker goes through one file.
type looker struct {
	Rules
	files    *token.FileSet
	name     string
	main     bool              // package main, which starts the server
	imports  map[string]string // by the name that the file uses
	variadic map[string]bool   // parameters with three dots: ranging over them is over options
	used     int               // imports of the declared module
	found    []Finding
}

func (r Rules) lookAt(name string, source []byte) ([]Finding, int, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil, 0, err
	}
	l := &looker{Rules: r, files: files, name: name, main: file.Name.Name == "main",
		imports: map[string]string{}, variadic: map[string]bool{}}
	l.directives(file)
	l.lookAtImports(file)
	l.declarations(file)
	ast.Inspect(file, func(node ast.Node) bool {
		if f, is := node.(*ast.FuncType); is {
			l.noteVariadic(f)
		}
		return true
	})
	ast.Inspect(file, l.names)
	if !r.Engine {
		l.mentions(file)
		l.literals(file)
		l.flow(file)
	}
	l.closures(file)
	sort.SliceStable(l.found, func(i, j int) bool { return line(l.found[i]) < line(l.found[j]) })
	return l.found, l.used, nil
}

func line(f Finding) int {
	n := 0
	fmt.Sscanf(f.Place[strings.LastIndexByte(f.Place, ':')+1:], "%d", &n)
	return n
}

func (l *looker) report(at token.Pos, key, words string) {
	place := fmt.Sprintf("%s:%d", l.name, l.files.Position(at).Line)
	words = strings.Join(strings.Fields(words), " ")
	if len(words) > 160 {
		words = words[:160] + "..."
	}
	finding := Finding{place, strings.Join(strings.Fields(key), " "), words}
	for _, f := range l.found {
		if f.Place == finding.Place && f.Key == finding.Key {
			return
		}
	}
	l.found = append(l.found, finding)
}
