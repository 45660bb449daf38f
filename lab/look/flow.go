package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

// flow finds what steers a handler: the answers of a framework's server follow from its router,
// and what is left to its handlers is to look for errors.
func (l *looker) flow(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.IfStmt:
			if !l.condition(n.Cond) {
				l.report(n.Pos(), "condition "+types.ExprString(n.Cond), "if "+types.ExprString(n.Cond)+" is no look for an error, an option or an encoded path")
			}
		case *ast.SwitchStmt:
			l.report(n.Pos(), "flow switch", "a switch chooses in the place of the router")
		case *ast.TypeSwitchStmt:
			l.report(n.Pos(), "flow switch", "a switch chooses in the place of the router")
		case *ast.ForStmt:
			l.report(n.Pos(), "flow for", "a loop that is over neither options nor routes")
		case *ast.BranchStmt:
			l.report(n.Pos(), "flow "+n.Tok.String(), n.Tok.String()+" chooses in the place of the router")
		case *ast.RangeStmt:
			if !l.options(n.X) {
				l.report(n.Pos(), "flow range "+types.ExprString(n.X), "a loop over "+types.ExprString(n.X)+", which is neither options nor routes")
			}
		case *ast.GoStmt:
			l.report(n.Pos(), "flow go", "a goroutine of its own works beside the requests")
		case *ast.SelectStmt, *ast.SendStmt:
			if !l.main {
				l.report(n.Pos(), "flow channel", "a channel keeps what a request left")
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW && !l.main {
				l.report(n.Pos(), "flow channel", "a channel keeps what a request left")
			}
		case *ast.BinaryExpr:
			if comparison(n.Op) && !l.condition(n) || !comparison(n.Op) && !l.arithmetic(n) {
				l.report(n.Pos(), "condition "+types.ExprString(n), types.ExprString(n)+" is no look for an error, an option or an encoded path")
			}
		case *ast.IndexExpr:
			if !l.index(n) {
				l.report(n.Pos(), "index "+types.ExprString(n), types.ExprString(n)+" is a look-up of the server's own")
			}
		case *ast.SliceExpr:
			l.report(n.Pos(), "slice "+types.ExprString(n), types.ExprString(n)+" is taken apart")
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

// condition tells err != nil, options.Spin > 0, x.URL.RawPath == "", a flag, and what is made of them.
func (l *looker) condition(e ast.Expr) bool {
	switch c := e.(type) {
	case *ast.ParenExpr:
		return l.condition(c.X)
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return l.options(c)
	case *ast.UnaryExpr:
		return c.Op == token.NOT && l.condition(c.X)
	case *ast.CallExpr:
		of, is := c.Fun.(*ast.SelectorExpr)
		return is && types.ExprString(of) == "errors.Is"
	case *ast.BinaryExpr:
		if c.Op == token.LAND || c.Op == token.LOR {
			return l.condition(c.X) && l.condition(c.Y)
		}
		if !comparison(c.Op) {
			return false
		}
		if name, is := c.Y.(*ast.Ident); is && name.Name == "nil" {
			return true
		}
		return rawPathGuard(c) != nil || l.options(c.X) && literal(c.Y)
	}
	return false
}

// options tells a field of the kit's options, and variadic parameters, which are options too.
func (l *looker) options(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return l.variadic[x.Name]
	case *ast.SelectorExpr:
		of, is := x.X.(*ast.Ident)
		return is && of.Name == "options"
	}
	return false
}

func (l *looker) noteVariadic(f *ast.FuncType) {
	for _, field := range f.Params.List {
		if _, is := field.Type.(*ast.Ellipsis); is {
			for _, name := range field.Names {
				l.variadic[name.Name] = true
			}
		}
	}
}

// arithmetic tells sums, which put texts together, and what is known when it is compiled.
func (l *looker) arithmetic(n *ast.BinaryExpr) bool {
	return n.Op == token.ADD || l.fixed(n.X) && l.fixed(n.Y)
}

func (l *looker) fixed(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.SelectorExpr:
		of, is := x.X.(*ast.Ident)
		return is && l.imports[of.Name] != ""
	case *ast.BinaryExpr:
		return l.fixed(x.X) && l.fixed(x.Y)
	}
	return false
}

// index tells vars["id"], whose key is written there, and atomic.Pointer[T].
func (l *looker) index(n *ast.IndexExpr) bool {
	if literal(n.Index) {
		return true
	}
	selector, is := n.X.(*ast.SelectorExpr)
	if !is {
		return false
	}
	of, is := selector.X.(*ast.Ident)
	return is && l.imports[of.Name] != ""
}
