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
			directive, is := strings.CutPrefix(comment.Text, "//go:")
			if is {
				word := strings.Fields(directive + " ")[0]
				l.report(comment.Pos(), "directive go:"+word, comment.Text+" is said to the compiler and not to the reader")
			}
			for _, start := range []string{"//export ", "//line ", "/*line ", "// +build "} {
				if strings.HasPrefix(comment.Text, start) {
					l.report(comment.Pos(), "directive "+strings.Fields(comment.Text)[0], comment.Text+" is said to the compiler and not to the reader")
				}
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
			if d.Body == nil {
				l.report(d.Pos(), "body "+d.Name.Name, d.Name.Name+" has its body elsewhere: in assembly, or linked by force")
			}
			if d.Name.Name == "init" && d.Recv == nil {
				l.report(d.Pos(), "init", "init runs before the server is set up")
			}
		}
	}
}

func (l *looker) variables(spec *ast.ValueSpec) {
	for i, name := range spec.Names {
		if i < len(spec.Values) && l.errorValue(spec.Values[i]) {
			continue
		}
		l.report(name.Pos(), "state "+name.Name, "the package's variable "+name.Name+" outlives a request")
	}
}

func (l *looker) errorValue(value ast.Expr) bool {
	call, is := value.(*ast.CallExpr)
	if !is {
		return false
	}
	f, is := l.object(call.Fun).(*types.Func)
	return is && (f.FullName() == "errors.New" || f.FullName() == "fmt.Errorf") && l.constants(call.Args)
}

// noteWritten keeps which variables are assigned after they were declared, or whose place is taken.
func (l *looker) noteWritten() {
	l.written = map[types.Object]bool{}
	write := func(e ast.Expr) {
		if name, is := ast.Unparen(e).(*ast.Ident); is {
			if object := l.own.info.Uses[name]; object != nil {
				l.written[object] = true
			}
		}
	}
	for _, file := range l.own.files {
		ast.Inspect(file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					write(left)
				}
			case *ast.IncDecStmt:
				write(n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					write(n.X)
				}
			case *ast.RangeStmt:
				if n.Tok == token.ASSIGN {
					write(n.Key)
					write(n.Value)
				}
			}
			return true
		})
	}
}

// state finds what outlives a request: variables that a function has from around it, places below
// them, and types that are made to keep something.
func (l *looker) state(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.AssignStmt:
			l.assigned(n)
		case *ast.Ident:
			if variable, is := l.own.info.Defs[n].(*types.Var); is {
				l.declared(n, variable)
			}
			if variable, is := l.own.info.Uses[n].(*types.Var); is && !variable.IsField() {
				l.captured(n, variable)
			}
		case *ast.FuncLit:
			l.handlerInMain(n, n.Type)
		case *ast.FuncDecl:
			l.handlerInMain(n, n.Type)
		}
		return true
	})
}

// declared holds a variable's type to those that servers have variables of.
func (l *looker) declared(name *ast.Ident, variable *types.Var) {
	if variable.IsField() || name.Name == "_" {
		return
	}
	if !l.isPlain(variable.Type()) {
		l.report(name.Pos(), "type "+name.Name, name.Name+" is of the type "+types.TypeString(variable.Type(), nil)+", which can keep something")
	}
}

// plain are the types of the standard library that servers have variables of.
var plain = set(`context.Context context.CancelFunc net.Listener net/http.Handler net/http.HandlerFunc net/http.Request
	net/http.ResponseWriter net/http.ServeMux net/http.MaxBytesError net/url.Values time.Duration crypto/tls.Certificate`)

var plainInMain = set(`net/http.Server crypto/tls.Config sync/atomic.Pointer`)

func (l *looker) isPlain(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		pkg := t.Obj().Pkg()
		if pkg == nil || l.from(pkg) != ofKnown || l.isToldByImport(pkg) {
			return true
		}
		of := pkg.Path() + "." + t.Obj().Name()
		if of == "sync/atomic.Pointer" {
			return l.isMain() && t.TypeArgs().Len() == 1 && l.isServer(t.TypeArgs().At(0))
		}
		return plain[of] || l.isMain() && plainInMain[of] || !l.isStandard(pkg.Path())
	case *types.Pointer:
		if isEmpty(t.Elem()) {
			return true
		}
		_, named := types.Unalias(t.Elem()).(*types.Named)
		return named && l.isPlain(t.Elem())
	case *types.Slice:
		_, named := types.Unalias(t.Elem()).(*types.Named)
		_, pointer := types.Unalias(t.Elem()).(*types.Pointer)
		return isBytes(t) || (named || pointer || isFunction(t.Elem())) && l.isPlain(t.Elem())
	case *types.Basic, *types.Signature, *types.TypeParam:
		return true
	case *types.Map:
		return isTexts(t)
	case *types.Chan:
		return l.isMain() && isEmpty(t.Elem())
	case *types.Interface:
		return l.isMain() && t.Empty()
	}
	return false
}

func isFunction(t types.Type) bool {
	_, is := t.Underlying().(*types.Signature)
	return is
}

// isServer tells the framework's server, which can be stopped: what main keeps until it has to.
func (l *looker) isServer(t types.Type) bool {
	named, is := types.Unalias(t).(*types.Named)
	if !is || named.Obj().Pkg() == nil || l.from(named.Obj().Pkg()) != ofModule {
		return false
	}
	for _, name := range []string{"Shutdown", "Stop", "Close"} {
		found, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, named.Obj().Pkg(), name)
		if _, method := found.(*types.Func); method {
			return true
		}
	}
	return false
}

// captured looks at a variable that a function literal has from the function around it. Such
// variables are there for as long as the literal is. What servers need of them are their options,
// a route and the next handler, which nobody changes; in main the server and what stops it.
func (l *looker) captured(name *ast.Ident, variable *types.Var) {
	if variable.Parent() == nil || variable.Parent() == l.own.types.Scope() || variable.Pkg() != l.own.types {
		return
	}
	inner := l.function(name)
	if _, literal := inner.(*ast.FuncLit); !literal || inner.Pos() <= variable.Pos() && variable.Pos() < inner.End() {
		return
	}
	if l.written[variable] && !l.isNamedResult(variable) {
		l.report(name.Pos(), "state "+name.Name, name.Name+" lies outside of the function, outlives a request and changes")
		return
	}
	if !l.mayBeCaptured(variable) {
		l.report(name.Pos(), "state "+name.Name, name.Name+" lies outside of the function and outlives a request")
	}
}

func (l *looker) mayBeCaptured(variable *types.Var) bool {
	t := variable.Type()
	if l.isKit(t, "Options") || l.isKit(t, "Route") {
		return true
	}
	if l.isMain() {
		_, channel := t.Underlying().(*types.Chan)
		return channel || isFunction(t) || l.isForeign(t) || l.isRecovered(variable)
	}
	if variable.Kind() != types.ParamVar {
		return false
	}
	if named, is := types.Unalias(t).(*types.Named); is && named.Obj().Pkg() != nil {
		if named.Obj().Pkg().Path() == "time" {
			return named.Obj().Name() == "Duration"
		}
		one, is := named.Underlying().(*types.Interface)
		return l.from(named.Obj().Pkg()) != ofOwn && (isFunction(named) && l.isForeign(named.Underlying()) || is && one.NumMethods() == 1)
	}
	return isFunction(t) && l.isForeign(t)
}

// isRecovered tells variables of a literal that main calls when it has come to its end.
func (l *looker) isRecovered(variable *types.Var) bool {
	return types.Identical(variable.Type(), types.Universe.Lookup("error").Type())
}

// isNamedResult tells the error of a function of main's that what it deferred sets.
func (l *looker) isNamedResult(variable *types.Var) bool {
	return l.isMain() && variable.Kind() == types.ResultVar && l.isRecovered(variable)
}

// handlerInMain finds functions of main that are for requests: main starts the server, and what
// answers is the application's.
func (l *looker) handlerInMain(at ast.Node, signature *ast.FuncType) {
	if !l.isMain() {
		return
	}
	if _, deferred := l.parents[l.parents[at]].(*ast.DeferStmt); !deferred && signature.Params.NumFields()+signature.Results.NumFields() == 0 {
		if _, literal := at.(*ast.FuncLit); literal {
			l.report(at.Pos(), "type func", "main has a function of its own that gives no error")
		}
	}
	for _, field := range signature.Params.List {
		t := l.typeOf(field.Type)
		if _, variadic := field.Type.(*ast.Ellipsis); variadic || l.starts(t) {
			continue
		}
		l.report(at.Pos(), "type func "+types.TypeString(t, nil), "main has a function of its own for "+types.TypeString(t, nil))
	}
}

func (l *looker) starts(t types.Type) bool {
	if basic, is := types.Unalias(t).(*types.Basic); is {
		return basic.Kind() == types.String
	}
	if pointer, is := types.Unalias(t).(*types.Pointer); is {
		t = pointer.Elem()
	}
	named, is := types.Unalias(t).(*types.Named)
	if !is || named.Obj().Pkg() == nil {
		return false
	}
	switch named.Obj().Pkg().Path() + "." + named.Obj().Name() {
	case "net.Listener", "context.Context", "net/http.Server":
		return true
	}
	name := named.Obj().Name()
	ours := l.from(named.Obj().Pkg()) == ofModule
	return ours && (strings.HasSuffix(name, "Conf") || strings.HasSuffix(name, "Config") || strings.HasSuffix(name, "Server"))
}

// assigned looks at what is written where.
func (l *looker) assigned(n *ast.AssignStmt) {
	if n.Tok == token.DEFINE {
		return
	}
	if n.Tok != token.ASSIGN {
		l.report(n.Pos(), "state "+types.ExprString(n.Lhs[0]), types.ExprString(n.Lhs[0])+" is counted")
		return
	}
	blank := true
	for i, left := range n.Lhs {
		right := n.Rhs[0]
		if len(n.Rhs) == len(n.Lhs) {
			right = n.Rhs[i]
		}
		left = ast.Unparen(left)
		name, is := left.(*ast.Ident)
		blank = blank && is && name.Name == "_"
		if is {
			continue // captured tells those from outside
		}
		if !l.mayBeSet(left, right) {
			l.report(n.Pos(), "state "+types.ExprString(left), types.ExprString(left)+" lies outside of the function and outlives a request")
		}
	}
	if blank {
		l.report(n.Pos(), "unused "+types.ExprString(n.Rhs[0]), types.ExprString(n.Rhs[0])+" is only named")
	}
}

// mayBeSet tells a field of the framework's that a server sets: any while it is set up, to what is
// written there, an option, a function or what the framework made; and of a request its body's
// limit, of an answer its status.
func (l *looker) mayBeSet(left, right ast.Expr) bool {
	object, is := l.object(left).(*types.Var)
	if !is || object.Pkg() == nil || l.from(object.Pkg()) == ofOwn || l.from(object.Pkg()) == ofTheKit {
		return false
	}
	if _, selector := left.(*ast.SelectorExpr); !selector {
		return false
	}
	if !l.setsUp(left) {
		if !object.IsField() {
			return false
		}
		number, is := object.Type().Underlying().(*types.Basic)
		if is && number.Info()&types.IsInteger != 0 {
			return l.constant(right)
		}
		call, is := ast.Unparen(right).(*ast.CallExpr)
		if !is || object.Name() != "Body" {
			return false
		}
		f, is := l.object(call.Fun).(*types.Func)
		return is && f.FullName() == "net/http.MaxBytesReader"
	}
	if l.constant(right) || l.own.info.Types[right].IsNil() || l.ofOptions(right) {
		return true
	}
	switch r := ast.Unparen(right).(type) {
	case *ast.CallExpr, *ast.CompositeLit, *ast.SelectorExpr, *ast.FuncLit:
		return true
	case *ast.Ident:
		_, function := l.own.info.Uses[r].(*types.Func)
		return function || !isBytes(l.typeOf(r))
	}
	return false
}
