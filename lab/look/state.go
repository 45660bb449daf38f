package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// directives finds what is said to the compiler: embedded files, names linked by force.
func (l *looker) directives(file *ast.File) {
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if directive, is := strings.CutPrefix(comment.Text, "//go:"); is && !strings.HasPrefix(directive, "build ") {
				word := strings.Fields(directive + " ")[0]
				l.report(comment.Pos(), "directive go:"+word, comment.Text+" is said to the compiler and not to the reader")
			}
			if strings.HasPrefix(comment.Text, "//export ") || strings.HasPrefix(comment.Text, "//line ") || strings.HasPrefix(comment.Text, "/*line ") {
				l.report(comment.Pos(), "directive "+strings.Fields(comment.Text)[0], comment.Text+" is said to the compiler and not to the reader")
			}
		}
	}
}

// declarations finds what a package keeps: constants, types and error values may.
func (l *looker) declarations(file *ast.File) {
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.GenDecl:
			if d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				l.variables(spec.(*ast.ValueSpec))
			}
		case *ast.FuncDecl:
			l.function(d)
		}
	}
}

func (l *looker) variables(spec *ast.ValueSpec) {
	for i, name := range spec.Names {
		if i < len(spec.Values) && errorValue(spec.Values[i]) {
			continue
		}
		l.report(name.Pos(), "state "+name.Name, "the package's variable "+name.Name+" outlives a request")
	}
}

func errorValue(value ast.Expr) bool {
	call, is := value.(*ast.CallExpr)
	if !is {
		return false
	}
	of := types.ExprString(call.Fun)
	return of == "errors.New" || of == "fmt.Errorf"
}

func (l *looker) function(d *ast.FuncDecl) {
	if d.Body == nil {
		l.report(d.Pos(), "body "+d.Name.Name, d.Name.Name+" has its body elsewhere: in assembly, or linked by force")
	}
	if d.Name.Name == "init" && d.Recv == nil {
		l.report(d.Pos(), "init", "init runs before the server is set up")
	}
}

// closures finds what a function literal changes of what lies outside of it, which outlives the
// request too. A literal that is called where it stands belongs to the function around it.
func (l *looker) closures(file *ast.File) {
	if l.Engine {
		return
	}
	for _, declaration := range file.Decls {
		if f, is := declaration.(*ast.FuncDecl); is && f.Body != nil {
			l.scope(f.Type, f.Body, f.Recv != nil)
		}
	}
}

// scope looks at one function: what it assigns has to be declared in it.
func (l *looker) scope(signature *ast.FuncType, body *ast.BlockStmt, method bool) {
	own := map[string]bool{"_": true}
	fields := func(list *ast.FieldList) {
		if list == nil {
			return
		}
		for _, field := range list.List {
			for _, name := range field.Names {
				own[name.Name] = true
			}
		}
	}
	fields(signature.Params)
	fields(signature.Results)
	inner := []*ast.FuncLit{}
	here := map[*ast.FuncLit]bool{}
	var visit func(ast.Node) bool
	visit = func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			if literal, is := n.Fun.(*ast.FuncLit); is {
				here[literal] = true
			}
		case *ast.FuncLit:
			if here[n] {
				return true
			}
			inner = append(inner, n)
			return false
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, left := range n.Lhs {
					if name, is := left.(*ast.Ident); is {
						own[name.Name] = true
					}
				}
				return true
			}
			l.assigned(n, own)
		case *ast.ValueSpec:
			for _, name := range n.Names {
				own[name.Name] = true
			}
		case *ast.RangeStmt:
			for _, left := range []ast.Expr{n.Key, n.Value} {
				if name, is := left.(*ast.Ident); is {
					own[name.Name] = true
				}
			}
		case *ast.IncDecStmt:
			l.report(n.Pos(), "state "+types.ExprString(n.X), types.ExprString(n.X)+" is counted")
		}
		return true
	}
	ast.Inspect(body, visit)
	for _, literal := range inner {
		l.scope(literal.Type, literal.Body, false)
	}
}

func (l *looker) assigned(n *ast.AssignStmt, own map[string]bool) {
	if n.Tok != token.ASSIGN {
		l.report(n.Pos(), "state "+types.ExprString(n.Lhs[0]), types.ExprString(n.Lhs[0])+" is counted")
		return
	}
	blank := true
	for _, left := range n.Lhs {
		name, is := left.(*ast.Ident)
		blank = blank && is && name.Name == "_"
		switch {
		case is && !own[name.Name]:
			l.report(n.Pos(), "state "+name.Name, name.Name+" lies outside of the function and outlives a request")
		case !is && l.kept(left, own):
			l.report(n.Pos(), "state "+types.ExprString(left), types.ExprString(left)+" lies outside of the function and outlives a request")
		}
	}
	if blank {
		l.report(n.Pos(), "unused "+types.ExprString(n.Rhs[0]), types.ExprString(n.Rhs[0])+" is only named")
	}
}

// kept tells a place below a variable that the function has from outside. Packages' own switches
// (gin.Mode, martini.Env) are settings, made while a server is set up.
func (l *looker) kept(left ast.Expr, own map[string]bool) bool {
	for {
		switch e := left.(type) {
		case *ast.SelectorExpr:
			left = e.X
		case *ast.IndexExpr:
			left = e.X
		case *ast.StarExpr:
			left = e.X
		case *ast.ParenExpr:
			left = e.X
		case *ast.CallExpr:
			return false
		case *ast.Ident:
			return !own[e.Name] && l.imports[e.Name] == ""
		default:
			return true
		}
	}
}
