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
			if (l.hasReply(n.X) || l.hasReply(n.Y)) && !l.own.info.Types[n.X].IsNil() && !l.own.info.Types[n.Y].IsNil() {
				l.report(n.Pos(), "message "+types.ExprString(n), "the message is compared")
			}
			if l.Engine && (n.Op == token.EQL || n.Op == token.NEQ) && l.couldBeReply(n.X) && l.couldBeReply(n.Y) {
				l.report(n.Pos(), "message "+types.ExprString(n), "what could be the message is compared")
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && (l.hasReply(n.Tag) || l.Engine && l.couldBe(l.typeOf(n.Tag))) {
				l.report(n.Pos(), "message "+types.ExprString(n.Tag), "what could be the message is compared")
			}
		case *ast.CallExpr:
			l.messageArguments(n)
		case *ast.StructType:
			// Go lets a message be assigned or converted to what has the same fields.
			if n.Fields.NumFields() == 1 && len(n.Fields.List[0].Names) == 1 && n.Fields.List[0].Names[0].Name == "Message" {
				l.report(n.Pos(), "message "+types.ExprString(n), "a type in the likeness of the message's")
			}
		case *ast.MapType:
			if holdsReply(l.typeOf(n.Key)) || l.couldBe(l.typeOf(n.Key)) {
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

// hasReply tells an expression whose value a message is a part of, or leads to.
func (l *looker) hasReply(e ast.Expr) bool {
	value := l.own.info.Types[e]
	return value.Type != nil && !value.IsType() && holdsReply(value.Type)
}

// holdsReply tells a type that a message is a part of, or that leads to one.
func holdsReply(t types.Type) bool { return holds(t, map[types.Type]bool{}) }

func holds(t types.Type, seen map[types.Type]bool) bool {
	t = types.Unalias(t)
	if seen[t] {
		return false
	}
	seen[t] = true
	if named, is := t.(*types.Named); is {
		pkg := named.Obj().Pkg()
		if pkg != nil && pkg.Path() == kit {
			return named.Obj().Name() == "Reply"
		}
	}
	switch under := t.Underlying().(type) {
	case *types.Struct:
		for field := range under.Fields() {
			if holds(field.Type(), seen) {
				return true
			}
		}
	case *types.Array:
		return holds(under.Elem(), seen)
	case *types.Slice:
		return holds(under.Elem(), seen)
	case *types.Pointer:
		return holds(under.Elem(), seen)
	case *types.Map:
		return holds(under.Elem(), seen)
	}
	return false
}

// messageArguments looks at calls that are handed what holds a message: of the standard library
// only the encoder may see it, and no other type may take its place.
func (l *looker) messageArguments(n *ast.CallExpr) {
	fun := ast.Unparen(n.Fun)
	for _, argument := range n.Args {
		if !l.hasReply(argument) {
			continue
		}
		if l.own.info.Types[fun].IsType() {
			l.report(n.Pos(), "message "+types.ExprString(n), "the message becomes something else")
		}
		f, is := l.object(fun).(*types.Func)
		if is && f.Pkg() != nil && l.from(f.Pkg()) == ofKnown && l.isStandard(f.Pkg().Path()) && f.Pkg().Path() != "encoding/json" {
			l.report(n.Pos(), "message "+types.ExprString(n), "the message is handed to "+f.FullName())
		}
	}
}

// couldBe tells an interface that a message has.
func (l *looker) couldBe(t types.Type) bool {
	if _, any := types.Unalias(t).(*types.TypeParam); any {
		return true
	}
	empty, is := t.Underlying().(*types.Interface)
	return is && empty.NumMethods() == 0
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

// serialisers are what frameworks call the methods by which their documentation answers with an
// object, in small letters. Others write it in another way (without what HTML has escaped, for scripts).
var serialisers = set(`dispatch encode json jsonresp jsonresponse marshal okjson okjsonctx respondjson writejson
	write writeentity`)

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
		return serialisers[strings.ToLower(f.Name())]
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
