// Command look reads the Go files of a folder and prints, a line each, where they look at a
// request's path by themselves instead of leaving that to a router:
//
//	app/app.go:57: r.URL.Path is switched on
//
// Comparing a path, switching on it, searching it, looking it up in a map and handing it to
// another function all count; testing it for emptiness does not. Test files are left out.
// The lab compiles this file into itself, so it needs nothing but the standard library.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: look FOLDER")
		os.Exit(2)
	}
	findings, err := Look(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, finding := range findings {
		fmt.Println(finding)
	}
}

// Look returns the findings of all Go files below a folder, sorted by place.
func Look(folder string) ([]string, error) {
	var findings []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		// What Go never compiles: an editor's lock file, a link to nothing.
		if strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_") {
			return nil
		}
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		found, err := lookAt(name, source)
		findings = append(findings, found...)
		return err
	})
	return findings, err
}

func lookAt(name string, source []byte) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []finding
	for _, declaration := range file.Decls {
		l := looker{files: files, tainted: map[string]bool{}}
		// Twice, since a variable may be used above the place where it is given a path, as in
		// a loop.
		for range 2 {
			l.found = nil
			ast.Inspect(declaration, l.visit)
		}
		found = append(found, l.found...)
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].line < found[j].line })
	var lines []string
	for _, f := range found {
		lines = append(lines, fmt.Sprintf("%s:%d: %s %s", name, f.line, f.what, f.how))
	}
	return lines, nil
}

type finding struct {
	line      int
	what, how string
}

// looker goes through one declaration. Names that were given a path are remembered for the
// length of the declaration, whatever their scope: a false alarm is found at once, a path
// that slips through is not.
type looker struct {
	files   *token.FileSet
	tainted map[string]bool
	found   []finding
}

func (l *looker) visit(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.AssignStmt:
		for i, value := range n.Rhs {
			if len(n.Lhs) == len(n.Rhs) && l.path(value) != nil {
				l.taint(n.Lhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, value := range n.Values {
			if len(n.Names) == len(n.Values) && l.path(value) != nil {
				l.taint(n.Names[i])
			}
		}
	case *ast.BinaryExpr:
		if comparison(n.Op) && !empty(n.X) && !empty(n.Y) {
			l.report(n.X, "is compared")
			l.report(n.Y, "is compared")
		}
	case *ast.SwitchStmt:
		l.report(n.Tag, "is switched on")
	case *ast.IndexExpr:
		l.report(n.Index, "is looked up")
		l.report(n.X, "is taken apart")
	case *ast.SliceExpr:
		l.report(n.X, "is taken apart")
	case *ast.RangeStmt:
		l.report(n.X, "is taken apart")
	case *ast.CallExpr:
		if !conversion(n) && !length(n) {
			for _, argument := range n.Args {
				l.report(argument, "is handed to "+types.ExprString(n.Fun))
			}
		}
	}
	return true
}

func (l *looker) taint(to ast.Expr) {
	if name, is := to.(*ast.Ident); is && name.Name != "_" {
		l.tainted[name.Name] = true
	}
}

func (l *looker) report(expression ast.Expr, how string) {
	if expression == nil {
		return
	}
	if path := l.path(expression); path != nil {
		l.found = append(l.found, finding{l.files.Position(path.Pos()).Line, types.ExprString(path), how})
	}
}

// path returns the part of an expression that is a request's path, or nil. Conversions,
// slices and sums of a path are still paths; what another function makes of it is its
// own affair, and handing it over is a finding already.
func (l *looker) path(expression ast.Expr) ast.Expr {
	switch e := expression.(type) {
	case *ast.ParenExpr:
		return l.path(e.X)
	case *ast.Ident:
		if l.tainted[e.Name] {
			return e
		}
	case *ast.SelectorExpr:
		if requestPath(e) {
			return e
		}
	case *ast.CallExpr:
		if conversion(e) && len(e.Args) == 1 {
			return l.path(e.Args[0])
		}
		if selector, is := e.Fun.(*ast.SelectorExpr); is && len(e.Args) == 0 {
			if requestPathMethod(selector) {
				return e
			}
			// r.URL.Path and ctx.Path() as they are, in other clothes: String(), Clone().
			return l.path(selector.X)
		}
	case *ast.SliceExpr:
		return l.path(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			if left := l.path(e.X); left != nil {
				return left
			}
			return l.path(e.Y)
		}
	}
	return nil
}

// fields and methods by which Go servers give a request's path.
var (
	fields  = []string{"RawPath", "RequestURI", "PathOriginal"}
	methods = []string{"EscapedPath", "RequestURI", "OriginalURL", "PathOriginal", "FullURI", "LastPathSegment"}
)

// requestPath tells x.URL.Path and its like. A plain x.Path is a path too, but for
// kit.Route, whose variable is called route by all servers.
func requestPath(selector *ast.SelectorExpr) bool {
	if selector.Sel.Name == "Path" {
		of := types.ExprString(selector.X)
		return of != "route" && !strings.HasSuffix(of, ".Config") && !packageName(selector.X)
	}
	return contains(fields, selector.Sel.Name)
}

func requestPathMethod(selector *ast.SelectorExpr) bool {
	if selector.Sel.Name == "Path" {
		return !packageName(selector.X)
	}
	return contains(methods, selector.Sel.Name) || urlString(selector)
}

// urlString tells r.URL.String().
func urlString(selector *ast.SelectorExpr) bool {
	of, is := selector.X.(*ast.SelectorExpr)
	return selector.Sel.Name == "String" && is && (of.Sel.Name == "URL" || of.Sel.Name == "URI")
}

// packageName tells a function of a package that happens to be called Path.
func packageName(expression ast.Expr) bool {
	name, is := expression.(*ast.Ident)
	return is && contains([]string{"path", "filepath", "url"}, name.Name)
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

func comparison(op token.Token) bool {
	switch op {
	case token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ:
		return true
	}
	return false
}

// empty tells "" and nil.
func empty(expression ast.Expr) bool {
	switch e := expression.(type) {
	case *ast.BasicLit:
		return e.Value == `""` || e.Value == "``"
	case *ast.Ident:
		return e.Name == "nil"
	}
	return false
}

// conversion tells string(x) and []byte(x).
func conversion(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name == "string"
	case *ast.ArrayType:
		return true
	}
	return false
}

func length(call *ast.CallExpr) bool {
	name, is := call.Fun.(*ast.Ident)
	return is && name.Name == "len"
}
