// Command look reads the Go files of a server and prints, a line each, what they do that its
// class does not allow:
//
//	app/app.go:57	mention URL	r.URL: a request's target, head and connection are its router's
//
// The three parts are parted by tabs: the place, the key by which framework.yaml may declare an
// exception, and words. It looks at the files that `go list -deps` says are compiled, and at names
// as Go's own type checker resolves them, so that no alias and no shadow hides what is used. The
// rules allow and do not forbid: whose a name is (whose.go), which packages and what of them is
// used (allowed.go, uses.go, members.go), what a server is written with (grammar.go, literals.go),
// what may steer it (flow.go), what a parameter is and where other texts come from (parameters.go,
// text.go), what may outlive a request (state.go), what is done with the message (message.go), which
// settings are made (settings.go) and by which methods a framework is used (ways.go), which versions are built (versions.go). The lab compiles these
// files into itself, so they need nothing but the standard library.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"sort"
	"strings"
)

func main() {
	var rules Rules
	flag.BoolVar(&rules.Engine, "raw", false, "a class that may look at the path by itself")
	flag.StringVar(&rules.Module, "module", "std", "the module that the server is about")
	flag.StringVar(&rules.EngineModule, "engine", "", "the module of its engine, where that is another")
	flag.StringVar(&rules.Supports, "supports", "", "the options that the server says it heeds")
	flag.StringVar(&rules.Settings, "settings", "", "what framework.yaml declares as set")
	flag.BoolVar(&rules.Replaced, "replaced", false, "one side of a comparison, with another version of a module than its go.mod was made for")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: look [-raw] [-module MODULE] [-engine MODULE] [-settings WORDS] [-supports WORDS] FOLDER...")
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
	Settings     string // what framework.yaml says is set
	Supports     string // which options it says the server heeds: "routes middleware spin"
	Replaced     bool   // whoever compares has replaced a module, and answers for what is linked
}

// Finding is one thing that is not allowed.
type Finding struct {
	Place, Key, Words string
}

func (f Finding) String() string { return f.Place + "\t" + f.Key + "\t" + f.Words }

// Look returns the findings of all Go files that the first folder's program is compiled from and
// that lie in these folders: a variant's own, and that of the framework that it varies.
func Look(rules Rules, folders []string) ([]Finding, error) { return rules.look(folders, ".") }

func (r Rules) look(folders []string, pattern string) ([]Finding, error) {
	world, err := load(folders, pattern)
	if err != nil {
		return nil, err
	}
	findings := world.files()
	if !r.Replaced {
		newer, err := world.versions(r)
		if err != nil {
			return nil, err
		}
		findings = append(newer, findings...)
	}
	uses, heeded := 0, map[string]bool{}
	for _, own := range world.own {
		l := &looker{Rules: r, world: world, own: own, found: &findings}
		l.look()
		uses += l.used
		l.heeds(heeded)
	}
	findings = append(findings, world.unmade(r.Settings)...)
	findings = append(findings, world.lacks(r.Module)...)
	for _, option := range strings.Fields(r.Supports) {
		if field := heed[option]; field != "" && !heeded[field] {
			findings = append(findings, Finding{"framework.yaml:1", "unused " + option,
				"`supports` names " + option + ", and nothing looks at the option " + field})
		}
	}
	if uses == 0 && r.Module != "std" {
		findings = append(findings, Finding{"go.mod:1", "unused " + r.Module,
			"nothing of the declared module is used: " + r.Module})
	}
	sort.SliceStable(findings, func(i, j int) bool {
		a, b := findings[i], findings[j]
		if file(a) != file(b) {
			return file(a) < file(b)
		}
		return line(a) < line(b)
	})
	return findings, nil
}

func file(f Finding) string { return f.Place[:strings.LastIndexByte(f.Place, ':')] }

func line(f Finding) int {
	n := 0
	fmt.Sscanf(f.Place[strings.LastIndexByte(f.Place, ':')+1:], "%d", &n)
	return n
}

// looker goes through one package.
type looker struct {
	Rules
	world   *world
	own     *ownPackage
	parents map[ast.Node]ast.Node
	written map[types.Object]bool  // variables that are assigned after they were declared
	asked   map[types.Object]bool  // parameters whose callers are being looked at
	setup   map[*ast.FuncDecl]bool // which functions run before the first request
	used    int                    // imports of the declared module
	found   *[]Finding
}

func (l *looker) look() {
	l.parents = map[ast.Node]ast.Node{}
	l.asked = map[types.Object]bool{}
	l.setup = map[*ast.FuncDecl]bool{}
	for _, file := range l.own.files {
		l.note(file)
	}
	l.noteWritten()
	for _, file := range l.own.files {
		l.directives(file)
		l.imports(file)
		l.declarations(file)
		l.uses(file)
		l.message(file)
		l.settings(file)
		l.goroutines(file)
		if !l.Engine {
			l.grammar(file)
			l.flow(file)
			l.texts(file)
			l.literals(file)
			l.state(file)
		}
	}
	if !l.Engine {
		l.recursion()
		l.bares()
	}
}

// note keeps each node's parent.
func (l *looker) note(file *ast.File) {
	var stack []ast.Node
	ast.Inspect(file, func(node ast.Node) bool {
		if node == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if len(stack) > 0 {
			l.parents[node] = stack[len(stack)-1]
		}
		stack = append(stack, node)
		return true
	})
}

// parent gives a node's parent, parentheses left out.
func (l *looker) parent(node ast.Node) ast.Node {
	for {
		node = l.parents[node]
		if _, is := node.(*ast.ParenExpr); !is {
			return node
		}
	}
}

// function gives the function that a node stands in: an *ast.FuncLit, an *ast.FuncDecl or nil.
func (l *looker) function(node ast.Node) ast.Node {
	for node = l.parents[node]; node != nil; node = l.parents[node] {
		switch node.(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return node
		}
	}
	return nil
}

// isMain tells the package that starts the server.
func (l *looker) isMain() bool { return l.own.types.Name() == "main" }

// setsUp tells a place that runs before the first request: what main and its closures do, and
// functions that are given the options and called by no others.
func (l *looker) setsUp(node ast.Node) bool {
	if l.isMain() {
		return true
	}
	f, is := l.function(node).(*ast.FuncDecl)
	return is && l.isSetup(f)
}

func (l *looker) isSetup(f *ast.FuncDecl) bool {
	if known, is := l.setup[f]; is {
		return known
	}
	l.setup[f] = false // for one that comes back to itself
	right := l.takesOptions(f)
	for use, object := range l.own.info.Uses {
		if right && object == l.own.info.Defs[f.Name] {
			caller, is := l.function(use).(*ast.FuncDecl)
			call, calls := l.parents[use].(*ast.CallExpr)
			right = is && calls && call.Fun == use && l.isSetup(caller)
		}
	}
	l.setup[f] = right
	return right
}

func (l *looker) takesOptions(f *ast.FuncDecl) bool {
	for _, field := range f.Type.Params.List {
		if l.isKit(l.typeOf(field.Type), "Options") {
			return true
		}
	}
	return false
}

func (l *looker) typeOf(e ast.Expr) types.Type { return l.own.info.TypeOf(e) }

func (l *looker) constant(e ast.Expr) bool {
	return l.own.info.Types[e].Value != nil
}

// object gives what a name or a selector stands for.
func (l *looker) object(e ast.Expr) types.Object {
	switch x := e.(type) {
	case *ast.Ident:
		return l.own.info.ObjectOf(x)
	case *ast.SelectorExpr:
		return l.own.info.ObjectOf(x.Sel)
	case *ast.ParenExpr:
		return l.object(x.X)
	case *ast.IndexExpr:
		return l.object(x.X)
	case *ast.IndexListExpr:
		return l.object(x.X)
	}
	return nil
}

func (l *looker) report(at token.Pos, key, words string) {
	position := l.world.fset.Position(at)
	place := fmt.Sprintf("%s:%d", l.world.name(position.Filename), position.Line)
	words = strings.Join(strings.Fields(words), " ")
	if len(words) > 160 {
		words = words[:160] + "..."
	}
	finding := Finding{place, strings.Join(strings.Fields(key), " "), words}
	for _, f := range *l.found {
		if f.Place == finding.Place && f.Key == finding.Key {
			return
		}
	}
	*l.found = append(*l.found, finding)
}
