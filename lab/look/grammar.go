package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

// grammar holds a file to the little that servers of frameworks are written with: functions that
// register handlers, handlers that read a parameter or a body and answer. What starts the server
// (main) may wait, too.
func (l *looker) grammar(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncDecl:
			l.signature(n)
		case *ast.TypeSpec:
			l.typeSpec(n)
		case *ast.CallExpr:
			l.call(n)
		case *ast.IndexExpr:
			l.index(n)
		case *ast.SliceExpr:
			l.report(n.Pos(), "slice "+types.ExprString(n), types.ExprString(n)+" is taken apart")
		case *ast.StarExpr:
			if !l.own.info.Types[n].IsType() {
				l.report(n.Pos(), "state "+types.ExprString(n), types.ExprString(n)+" follows a pointer of the server's own")
			}
		case *ast.TypeAssertExpr:
			l.assertion(n)
		case *ast.CompositeLit:
			l.composite(n)
		case *ast.UnaryExpr:
			l.unary(n)
		case *ast.BinaryExpr:
			if !comparison(n.Op) && !l.constant(n) && n.Op != token.ADD {
				l.report(n.Pos(), "condition "+types.ExprString(n), types.ExprString(n)+" is reckoned, which no handler has to")
			}
		case *ast.DeferStmt:
			if !l.isMain() {
				l.report(n.Pos(), "flow defer", "a deferred call, which steers what is answered")
			}
		}
		return true
	})
}

// signature looks at a function's own type: it has none of its own kinds, and the methods are
// handlers.
func (l *looker) signature(f *ast.FuncDecl) {
	name := f.Name.Name
	if f.Type.TypeParams != nil {
		l.report(f.Pos(), "type "+name, name+" is for many types, which no server needs")
	}
	if f.Recv == nil {
		return
	}
	if name == "ServeHTTP" || name == "Accept" {
		l.mention(f.Name, name)
	}
	signature := l.own.info.Defs[f.Name].(*types.Func).Signature()
	answers := signature.Params().Len() > 0
	for parameter := range signature.Params().Variables() {
		answers = answers && l.isForeign(parameter.Type())
	}
	if !answers || signature.Results().Len() > 0 && !onlyErrors(signature.Results()) {
		l.report(f.Pos(), "type "+name, "the method "+name+" is no handler")
	}
}

func onlyErrors(results *types.Tuple) bool {
	return results.Len() == 1 && types.Identical(results.At(0).Type(), types.Universe.Lookup("error").Type())
}

// isForeign tells a named type of the framework, its engine or the standard library, or a pointer
// to one, or a function that takes such.
func (l *looker) isForeign(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return l.isForeign(t.Elem())
	case *types.Named:
		pkg := t.Obj().Pkg()
		return pkg != nil && l.from(pkg) != ofOwn
	case *types.Signature:
		for parameter := range t.Params().Variables() {
			if l.isForeign(parameter.Type()) {
				return true
			}
		}
	}
	return false
}

// typeSpec allows structures of texts, which frameworks bind parameters to and make answers of,
// and the empty one, which gives handlers a receiver.
func (l *looker) typeSpec(n *ast.TypeSpec) {
	object := l.own.info.Defs[n.Name]
	structure, is := object.Type().Underlying().(*types.Struct)
	if !is || n.Assign.IsValid() || n.TypeParams != nil {
		l.report(n.Pos(), "type "+n.Name.Name, "the type "+n.Name.Name+" is no structure of texts")
		return
	}
	for field := range structure.Fields() {
		text := types.Identical(field.Type(), types.Typ[types.String]) || isBytes(field.Type())
		if field.Embedded() || !text && !l.isKit(field.Type(), "Reply") {
			l.report(n.Pos(), "type "+n.Name.Name, "the type "+n.Name.Name+" has the field "+field.Name()+", which is no text")
		}
	}
}

func isBytes(t types.Type) bool {
	slice, is := t.Underlying().(*types.Slice)
	return is && types.Identical(slice.Elem(), types.Typ[types.Byte])
}

// call allows a few of Go's own functions, and functions that have a name.
func (l *looker) call(n *ast.CallExpr) {
	fun := ast.Unparen(n.Fun)
	if l.own.info.Types[fun].IsType() {
		return
	}
	if literal, is := fun.(*ast.FuncLit); is {
		if _, deferred := l.parents[n].(*ast.DeferStmt); !deferred || !l.isMain() {
			l.report(literal.Pos(), "flow call", "a function is called where it is written")
		}
		return
	}
	if variable, is := l.object(fun).(*types.Var); is && !l.isMain() && !l.isHanded(variable) {
		l.report(n.Pos(), "flow call", types.ExprString(fun)+" is a function by another name")
		return
	}
	builtin, is := l.object(fun).(*types.Builtin)
	if !is {
		return
	}
	right := false
	switch builtin.Name() {
	case "append":
		right = !isBytes(l.typeOf(n))
	case "new":
		right = l.isForeign(l.typeOf(n.Args[0]))
	case "close", "recover":
		right = l.isMain()
	case "make":
		channel, is := l.typeOf(n).Underlying().(*types.Chan)
		right = l.isMain() && is && len(n.Args) == 1 && isEmpty(channel.Elem())
	}
	if !right {
		l.report(n.Pos(), "name "+builtin.Name(), types.ExprString(n)+" is nothing that a server of a framework needs")
	}
}

// isHanded tells a function that a function was given: the next handler, what a variant changes.
func (l *looker) isHanded(variable *types.Var) bool {
	if variable.Kind() == types.ParamVar || l.from(variable.Pkg()) != ofOwn {
		return true
	}
	for name, object := range l.own.info.Defs {
		if object == variable {
			_, ranges := l.parents[name].(*ast.RangeStmt)
			return ranges
		}
	}
	return false
}

func isEmpty(t types.Type) bool {
	structure, is := t.Underlying().(*types.Struct)
	return is && structure.NumFields() == 0
}

// index tells vars["id"], whose key is written there, and atomic.Pointer[T].
func (l *looker) index(n *ast.IndexExpr) {
	if l.own.info.Types[n].IsType() || l.own.info.Types[n.Index].IsType() {
		return
	}
	if l.isParameterName(n.Index) && isTexts(l.typeOf(n.X)) {
		return
	}
	// A framework's own table of routes, while it is set up.
	if l.setsUp(n) && l.constant(n.Index) && !isTexts(l.typeOf(n.X)) {
		return
	}
	l.report(n.Pos(), "index "+types.ExprString(n), types.ExprString(n)+" is a look-up of the server's own")
}

// isTexts tells map[string]string and what is made of it.
func isTexts(t types.Type) bool {
	table, is := t.Underlying().(*types.Map)
	if !is {
		return false
	}
	return isString(table.Key()) && isString(table.Elem())
}

func isString(t types.Type) bool {
	basic, is := t.Underlying().(*types.Basic)
	return is && basic.Info()&types.IsString != 0
}

// assertion tells ctx.UserValue("id").(string), and the error that main recovers.
func (l *looker) assertion(n *ast.TypeAssertExpr) {
	if n.Type == nil {
		return // a switch, which is told as one
	}
	call, is := ast.Unparen(n.X).(*ast.CallExpr)
	if is && l.isParameter(call) && isString(l.typeOf(n.Type)) {
		return
	}
	t := l.typeOf(n.Type)
	if l.isMain() && types.Identical(t, types.Universe.Lookup("error").Type()) {
		return
	}
	l.report(n.Pos(), "type "+types.ExprString(n), types.ExprString(n)+" asks what something is")
}

// composite allows values of the framework's and the kit's types, lists of them, and structures of
// the server's own.
func (l *looker) composite(n *ast.CompositeLit) {
	t := l.typeOf(n)
	switch under := t.Underlying().(type) {
	case *types.Slice:
		if l.isForeign(under.Elem()) {
			return
		}
	case *types.Struct:
		if named, is := types.Unalias(t).(*types.Named); is && named.Obj().Pkg() != nil {
			if named.Obj().Pkg().Path() == kit && named.Obj().Name() != "Server" {
				l.report(n.Pos(), "type "+types.ExprString(n.Type), "the kit's values are made by the kit")
			}
			if len(n.Elts) > 0 {
				if _, keyed := n.Elts[0].(*ast.KeyValueExpr); !keyed {
					l.report(n.Pos(), "type "+types.ExprString(n.Type), "a structure whose fields are not named")
				}
			}
			return
		}
	}
	if pointer, is := t.Underlying().(*types.Pointer); is && l.isForeign(pointer.Elem()) {
		return // an element of a list of pointers
	}
	l.report(n.Pos(), "type "+types.TypeString(t, nil), "a value of a type of the server's own")
}

// unary allows ! in conditions, & of what was made here or of a setting, and waiting in main.
func (l *looker) unary(n *ast.UnaryExpr) {
	switch n.Op {
	case token.AND:
		switch x := ast.Unparen(n.X).(type) {
		case *ast.CompositeLit, *ast.Ident:
			return
		case *ast.SelectorExpr:
			if l.isMain() && l.isForeign(l.typeOf(x)) {
				return
			}
		}
		l.report(n.Pos(), "state "+types.ExprString(n), types.ExprString(n)+" is a place that is kept")
	case token.ARROW:
		if !l.isMain() {
			l.report(n.Pos(), "flow channel", "a channel keeps what a request left")
		}
	case token.NOT:
	default:
		if !l.constant(n) {
			l.report(n.Pos(), "condition "+types.ExprString(n), types.ExprString(n)+" is reckoned, which no handler has to")
		}
	}
}

// recursion finds functions that come back to themselves: a loop in the clothes of a call.
func (l *looker) recursion() {
	calls := map[types.Object][]types.Object{}
	var order []types.Object
	for _, file := range l.own.files {
		for _, declaration := range file.Decls {
			f, is := declaration.(*ast.FuncDecl)
			if !is || f.Body == nil {
				continue
			}
			caller := l.own.info.Defs[f.Name]
			order = append(order, caller)
			ast.Inspect(f.Body, func(node ast.Node) bool {
				if name, is := node.(*ast.Ident); is {
					if callee, is := l.own.info.Uses[name].(*types.Func); is && callee.Pkg() == l.own.types {
						calls[caller] = append(calls[caller], callee)
					}
				}
				return true
			})
		}
	}
	for _, from := range order {
		seen := map[types.Object]bool{}
		var reaches func(types.Object) bool
		reaches = func(at types.Object) bool {
			for _, next := range calls[at] {
				if next == from {
					return true
				}
				if !seen[next] {
					seen[next] = true
					if reaches(next) {
						return true
					}
				}
			}
			return false
		}
		if reaches(from) {
			l.report(from.Pos(), "flow "+from.Name(), from.Name()+" comes back to itself")
		}
	}
}
