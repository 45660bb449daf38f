package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// message holds what a server does with kit.Message() to the one thing that it is for: to be
// serialised where it is asked for. Who looks into it, compares it or keeps it could know an
// answer that was made before.
func (l *looker) message(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.SelectorExpr:
			if l.isReply(n.X) && l.own.info.Selections[n] != nil {
				l.report(n.Pos(), "message "+types.ExprString(n), "the message is looked into")
			}
		case *ast.BinaryExpr:
			if l.isReply(n.X) || l.isReply(n.Y) {
				l.report(n.Pos(), "message "+types.ExprString(n), "the message is compared")
			}
			if l.Engine && (n.Op == token.EQL || n.Op == token.NEQ) && l.couldBeReply(n.X) && l.couldBeReply(n.Y) {
				l.report(n.Pos(), "message "+types.ExprString(n), "what could be the message is compared")
			}
		case *ast.MapType:
			if l.holdsReply(l.typeOf(n.Key)) || l.couldBe(l.typeOf(n.Key)) {
				l.report(n.Pos(), "message "+types.ExprString(n), "a table is kept by messages")
			}
		case *ast.Ident:
			if f, is := l.own.info.Uses[n].(*types.Func); is && f.FullName() == kit+".Message" {
				l.messageUse(n)
			}
			if variable, is := l.own.info.Defs[n].(*types.Var); is && !l.Engine && !variable.IsField() && l.isKit(variable.Type(), "Reply") {
				l.report(n.Pos(), "message "+n.Name, "the message is kept in "+n.Name)
			}
		}
		return true
	})
}

func (l *looker) isReply(e ast.Expr) bool {
	if value := l.own.info.Types[e]; value.IsType() || value.Type == nil {
		return false
	}
	t := types.Unalias(l.typeOf(e))
	if pointer, is := t.(*types.Pointer); is {
		t = pointer.Elem()
	}
	return l.isKit(t, "Reply")
}

// holdsReply tells a type that a message is a part of.
func (l *looker) holdsReply(t types.Type) bool {
	if l.isKit(t, "Reply") {
		return true
	}
	switch under := t.Underlying().(type) {
	case *types.Struct:
		for field := range under.Fields() {
			if l.holdsReply(field.Type()) {
				return true
			}
		}
	case *types.Array:
		return l.holdsReply(under.Elem())
	}
	return false
}

// couldBe tells an interface that a message has.
func (l *looker) couldBe(t types.Type) bool {
	empty, is := t.Underlying().(*types.Interface)
	return is && empty.Empty()
}

func (l *looker) couldBeReply(e ast.Expr) bool {
	return !l.own.info.Types[e].IsNil() && l.couldBe(l.typeOf(e))
}

// messageUse looks at where kit.Message() goes.
func (l *looker) messageUse(name *ast.Ident) {
	var at ast.Node = name
	if selector, is := l.parents[name].(*ast.SelectorExpr); is {
		at = selector
	}
	call, is := l.parent(at).(*ast.CallExpr)
	if !is || ast.Unparen(call.Fun) != at {
		l.report(name.Pos(), "message Message", "kit.Message is handed on instead of called")
		return
	}
	function := l.function(name)
	if f, is := function.(*ast.FuncDecl); is && !l.Engine {
		if l.takesOptions(f) || l.isMain() {
			l.report(name.Pos(), "message "+f.Name.Name, "the message is asked for before a request is")
		} else if l.isCalled(l.own.info.Defs[f.Name]) {
			l.report(name.Pos(), "message "+f.Name.Name, f.Name.Name+" is called and not only registered")
		}
	}
	if !l.writes(l.parent(call), call) {
		l.report(name.Pos(), "message "+types.ExprString(call), "the message is not handed to what serialises it")
	}
}

// writes tells what a message may be given to.
func (l *looker) writes(parent ast.Node, call *ast.CallExpr) bool {
	switch p := parent.(type) {
	case *ast.ReturnStmt:
		// What a handler returns is the framework's.
		f, is := l.function(p).(*ast.FuncDecl)
		return is && !l.Engine && !l.isCalled(l.own.info.Defs[f.Name])
	case *ast.KeyValueExpr:
		literal, is := l.parents[p].(*ast.CompositeLit)
		return is && p.Value == call && !l.Engine && l.isOwnType(l.typeOf(literal))
	case *ast.CallExpr:
		f, is := l.object(p.Fun).(*types.Func)
		if !is || p.Fun == call {
			return false
		}
		switch l.from(f.Pkg()) {
		case ofOwn:
			return l.Engine
		case ofKnown:
			return f.Pkg().Path() == "encoding/json" && (f.Name() == "Marshal" || f.Name() == "Encode")
		}
		name := strings.ToLower(f.Name())
		return strings.Contains(name, "json") || name == "encode" || name == "marshal" || name == "write" || name == "writeentity" || name == "dispatch"
	}
	return false
}

func (l *looker) isOwnType(t types.Type) bool {
	named, is := types.Unalias(t).(*types.Named)
	return is && named.Obj().Pkg() == l.own.types
}

// isCalled tells a function that the package calls by itself, and does not only register.
func (l *looker) isCalled(function types.Object) bool {
	for _, file := range l.own.files {
		found := false
		ast.Inspect(file, func(node ast.Node) bool {
			if call, is := node.(*ast.CallExpr); is && l.object(call.Fun) == function {
				found = true
			}
			return !found
		})
		if found {
			return true
		}
	}
	return false
}
