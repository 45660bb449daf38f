package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

// goroutines finds work beside the requests, in servers of any class.
func (l *looker) goroutines(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		if n, is := node.(*ast.GoStmt); is {
			l.report(n.Pos(), "flow go", "a goroutine of its own works beside the requests")
		}
		return true
	})
}

// flow finds what steers a handler: the answers of a framework's server follow from its router,
// and what is left to its handlers is to look for errors.
func (l *looker) flow(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.IfStmt:
			if !l.condition(n.Cond) {
				l.report(n.Pos(), "condition "+types.ExprString(n.Cond), "if "+types.ExprString(n.Cond)+" is no look for an error, an option or an encoded path")
			}
		case *ast.SwitchStmt, *ast.TypeSwitchStmt:
			l.report(n.Pos(), "flow switch", "a switch chooses in the place of the router")
		case *ast.ForStmt:
			l.report(n.Pos(), "flow for", "a loop that is over neither options nor routes")
		case *ast.BranchStmt:
			l.report(n.Pos(), "flow "+n.Tok.String(), n.Tok.String()+" chooses in the place of the router")
		case *ast.LabeledStmt:
			l.report(n.Pos(), "flow label", "a label to come back to")
		case *ast.RangeStmt:
			if !l.ofOptions(n.X) && !(l.setsUp(n) && l.overMore(n.X)) {
				l.report(n.Pos(), "flow range "+types.ExprString(n.X), "a loop over "+types.ExprString(n.X)+", which is neither options nor routes")
			}
		case *ast.SelectStmt, *ast.SendStmt:
			if !l.isMain() {
				l.report(n.Pos(), "flow channel", "a channel keeps what a request left")
			}
		case *ast.IncDecStmt:
			l.report(n.Pos(), "state "+types.ExprString(n.X), types.ExprString(n.X)+" is counted")
		case *ast.BinaryExpr:
			if comparison(n.Op) && !l.condition(n) && !l.constant(n) {
				l.report(n.Pos(), "condition "+types.ExprString(n), types.ExprString(n)+" is no look for an error, an option or an encoded path")
			}
		}
		return true
	})
}

func comparison(op token.Token) bool {
	switch op {
	case token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ, token.LAND, token.LOR:
		return true
	}
	return false
}

// condition tells err != nil, options.Spin > 0, x.URL.RawPath == "", and what is made of them.
func (l *looker) condition(e ast.Expr) bool {
	switch c := e.(type) {
	case *ast.ParenExpr:
		return l.condition(c.X)
	case *ast.Ident:
		// Whether what was recovered is an error.
		return l.isMain() && l.isAsserted(c)
	case *ast.UnaryExpr:
		return c.Op == token.NOT && l.condition(c.X)
	case *ast.CallExpr:
		return l.looksForError(c)
	case *ast.BinaryExpr:
		if c.Op == token.LAND || c.Op == token.LOR {
			return l.condition(c.X) && l.condition(c.Y)
		}
		if !comparison(c.Op) {
			return false
		}
		if l.own.info.Types[c.Y].IsNil() {
			return l.isError(c.X) || l.isMain() && l.mayBeNil(c.X)
		}
		return l.rawPathGuard(c) || l.ofOptions(c.X) && l.constant(c.Y)
	}
	return false
}

// isError tells a variable of the type error and no other: one of an own type says something else.
// It says whether a body could be read, a parameter decoded, an answer written; an error by which the
// framework says what a parameter looks like would be a look at it.
func (l *looker) isError(e ast.Expr) bool {
	name, is := ast.Unparen(e).(*ast.Ident)
	if !is || !types.Identical(l.typeOf(e), types.Universe.Lookup("error").Type()) {
		return false
	}
	if l.setsUp(e) || l.isMain() {
		return true
	}
	values, all := l.values(l.own.info.ObjectOf(name))
	for _, value := range values {
		call, is := ast.Unparen(value).(*ast.CallExpr)
		all = all && is && l.failsAsServersDo(call)
	}
	return all
}

// failsAsServersDo tells a call whose error a handler may look for.
func (l *looker) failsAsServersDo(call *ast.CallExpr) bool {
	switch f := l.object(call.Fun).(type) {
	case *types.Var:
		return f.Kind() == types.ParamVar // the next handler
	case *types.Func:
		switch l.from(f.Pkg()) {
		case ofKnown:
			return true
		case ofModule:
			list := parts[f.Pkg().Path()]
			return bodies[f.Name()] || list != "*" && on(list, f.Name())
		}
	}
	return false
}

// mayBeNil tells the server that was not started yet, and what was recovered.
func (l *looker) mayBeNil(e ast.Expr) bool {
	_, is := ast.Unparen(e).(*ast.Ident)
	if empty, any := l.typeOf(e).Underlying().(*types.Interface); any {
		return is && empty.Empty()
	}
	_, pointer := l.typeOf(e).Underlying().(*types.Pointer)
	return is && pointer && l.isForeign(l.typeOf(e))
}

// isAsserted tells a boolean that only comes from a type assertion.
func (l *looker) isAsserted(name *ast.Ident) bool {
	object := l.own.info.ObjectOf(name)
	seen, right := false, true
	for _, file := range l.own.files {
		ast.Inspect(file, func(node ast.Node) bool {
			assignment, is := node.(*ast.AssignStmt)
			if !is {
				return true
			}
			for i, left := range assignment.Lhs {
				if ident, is := left.(*ast.Ident); is && l.own.info.ObjectOf(ident) == object {
					_, asserts := ast.Unparen(assignment.Rhs[0]).(*ast.TypeAssertExpr)
					seen = true
					right = right && asserts && i == 1
				}
			}
			return true
		})
	}
	return seen && right
}

// looksForError tells errors.Is(err, io.EOF) and errors.As(err, &tooLarge): which error it is, of
// those that packages name.
func (l *looker) looksForError(c *ast.CallExpr) bool {
	f, is := l.object(c.Fun).(*types.Func)
	if !is || f.Pkg() == nil || f.Pkg().Path() != "errors" || len(c.Args) != 2 || !l.isError(c.Args[0]) {
		return false
	}
	switch f.Name() {
	case "Is":
		of := l.object(c.Args[1])
		return of != nil && of.Pkg() != nil && l.from(of.Pkg()) != ofOwn && of.Parent() == of.Pkg().Scope()
	case "As":
		place, is := ast.Unparen(c.Args[1]).(*ast.UnaryExpr)
		return is && place.Op == token.AND && l.isForeign(l.typeOf(place.X))
	}
	return false
}

// ofOptions tells a field of the kit's options.
func (l *looker) ofOptions(e ast.Expr) bool {
	selector, is := ast.Unparen(e).(*ast.SelectorExpr)
	return is && l.isKit(l.typeOf(selector.X), "Options")
}

// overMore tells a function's last, variadic parameter: what a variant adds to the framework's own
// options.
func (l *looker) overMore(e ast.Expr) bool {
	name, is := ast.Unparen(e).(*ast.Ident)
	if !is {
		return false
	}
	object := l.own.info.ObjectOf(name)
	for _, file := range l.own.files {
		for _, declaration := range file.Decls {
			f, is := declaration.(*ast.FuncDecl)
			if !is {
				continue
			}
			signature := l.own.info.Defs[f.Name].(*types.Func).Signature()
			if n := signature.Params().Len(); signature.Variadic() && signature.Params().At(n-1) == object {
				return !l.written[object]
			}
		}
	}
	return false
}
