package main

import (
	"go/ast"
	"go/types"
)

// bodies are what frameworks call the body of a request by.
var bodies = set("Body BodyRaw PostBody GetRawData GetBody")

// texts finds what a handler asks the framework for beside parameters and the body. A text that
// says what was asked for is as good as the path, and one that was kept as good as an answer.
func (l *looker) texts(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			l.textOfCall(n)
		case *ast.SelectorExpr:
			l.textOfPlace(n)
			l.answerAhead(n)
		}
		return true
	})
}

// answerAhead finds what the contract answers with where no request has come yet: what is made of it
// then can only be kept.
func (l *looker) answerAhead(n *ast.SelectorExpr) {
	object := l.object(n)
	if object == nil || object.Pkg() == nil || object.Pkg().Path() != kit || !l.setsUp(n) {
		return
	}
	switch object.Name() {
	case "Plaintext", "Blob", "Body":
		l.report(n.Pos(), "text "+object.Name(), types.ExprString(n)+" is asked for before a request is")
	}
}

func (l *looker) textOfCall(n *ast.CallExpr) {
	if variable, is := l.object(n.Fun).(*types.Var); is && l.from(variable.Pkg()) != ofTheKit && l.carries(l.typeOf(n)) {
		l.report(n.Pos(), "text "+variable.Name(), types.ExprString(n)+" is asked of a function that is not named")
		return
	}
	f, is := l.object(n.Fun).(*types.Func)
	if !is || f.Pkg() == nil {
		return
	}
	if f.FullName() == "net/url.PathUnescape" && !(len(n.Args) == 1 && l.isParameterText(n.Args[0])) {
		// Whether a text can be decoded would tell how it begins.
		l.report(n.Pos(), "text PathUnescape", types.ExprString(n)+" decodes what is no parameter as it came")
	}
	switch l.from(f.Pkg()) {
	case ofModule, ofUnknown:
	default:
		return // what is known has its list
	}
	if _, statement := l.parents[n].(*ast.ExprStmt); statement || !l.carries(l.typeOf(n)) {
		return
	}
	if _, named := types.Unalias(l.typeOf(n)).(*types.Named); named && l.setsUp(n) && !isString(l.typeOf(n)) && !isBytes(l.typeOf(n)) {
		return // a framework's handler may be of any type
	}
	if l.setsUp(n) && on(parts[f.Pkg().Path()], f.Name()) && parts[f.Pkg().Path()] != "*" {
		return
	}
	if !l.reads(n, f) {
		l.report(n.Pos(), "text "+f.Name(), types.ExprString(n)+" is neither one of the contract's parameters nor the body")
	}
}

// reads tells a call that gives a parameter or the body, and a text made of one.
func (l *looker) reads(n *ast.CallExpr, f *types.Func) bool {
	if l.isParameter(n) || bodies[f.Name()] && len(n.Args) == 0 {
		return true
	}
	selector, is := ast.Unparen(n.Fun).(*ast.SelectorExpr)
	if !is || f.Name() != "String" {
		return false
	}
	of, is := ast.Unparen(selector.X).(*ast.CallExpr)
	return is && l.isParameter(of)
}

// textOfPlace looks at fields and variables of the framework's that hold a text.
func (l *looker) textOfPlace(n *ast.SelectorExpr) {
	variable, is := l.own.info.Uses[n.Sel].(*types.Var)
	if !is || variable.Pkg() == nil {
		return
	}
	switch l.from(variable.Pkg()) {
	case ofModule, ofUnknown:
	default:
		return
	}
	if !l.carries(variable.Type()) || l.isSet(n.Sel) {
		return
	}
	if bodies[n.Sel.Name] || l.setsUp(n) && !isString(variable.Type()) {
		return
	}
	l.report(n.Pos(), "text "+n.Sel.Name, types.ExprString(n)+" is neither one of the contract's parameters nor the body")
}

// carries tells a type by which a text could come: a text, a list or a table of anything but
// parameters, what could be anything.
func (l *looker) carries(t types.Type) bool {
	switch t := t.(type) {
	case *types.Tuple:
		for v := range t.Variables() {
			if l.carries(v.Type()) {
				return true
			}
		}
		return false
	case nil:
		return false
	}
	if named, is := types.Unalias(t).(*types.Named); is && named.Obj().Pkg() != nil {
		switch named.Obj().Pkg().Path() + "." + named.Obj().Name() {
		case "net/url.Values", "net/http.Header":
			return false // what is used of them is on a list
		}
	}
	switch under := t.Underlying().(type) {
	case *types.Basic:
		return under.Info()&types.IsString != 0
	case *types.Slice:
		return l.carries(under.Elem()) || isBytes(under)
	case *types.Array:
		return true
	case *types.Map:
		return !isTexts(under)
	case *types.Pointer:
		_, structure := under.Elem().Underlying().(*types.Struct)
		return !structure
	case *types.Interface:
		return under.Empty()
	case *types.Chan:
		return true
	}
	return false
}

// isParameterText tells a parameter as it came: what gives it, or a variable that holds nothing else.
func (l *looker) isParameterText(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		if l.isParameter(x) {
			return true
		}
		selector, is := ast.Unparen(x.Fun).(*ast.SelectorExpr)
		return is && selector.Sel.Name == "String" && l.isParameterText(selector.X)
	case *ast.TypeAssertExpr:
		return l.isParameterText(x.X)
	case *ast.IndexExpr:
		return l.isParameterName(x.Index)
	case *ast.Ident:
		object := l.own.info.ObjectOf(x)
		values, all := l.values(object)
		for _, value := range values {
			// What was decoded into its own place was the parameter before.
			if call, is := value.(*ast.CallExpr); is && len(call.Args) == 1 {
				itself, is := call.Args[0].(*ast.Ident)
				f, named := l.object(call.Fun).(*types.Func)
				if is && named && f.FullName() == "net/url.PathUnescape" && l.own.info.ObjectOf(itself) == object {
					continue
				}
			}
			if named, is := value.(*ast.Ident); is && l.own.info.ObjectOf(named) == object {
				return false
			}
			all = all && l.isParameterText(value)
		}
		return all && len(values) > 0
	}
	return false
}

// values gives what a variable of a function is assigned, and whether that is all that it holds.
func (l *looker) values(object types.Object) (values []ast.Expr, all bool) {
	variable, is := object.(*types.Var)
	all = is && variable.Kind() == types.LocalVar
	for _, file := range l.own.files {
		ast.Inspect(file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					name, is := ast.Unparen(left).(*ast.Ident)
					if !is || l.own.info.ObjectOf(name) != object {
						continue
					}
					if len(n.Rhs) == len(n.Lhs) {
						values = append(values, n.Rhs[i])
					} else {
						values = append(values, n.Rhs[0])
					}
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if l.own.info.ObjectOf(name) == object && i < len(n.Values) {
						values = append(values, n.Values[i])
					}
				}
			case *ast.RangeStmt:
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if name, is := e.(*ast.Ident); is && l.own.info.ObjectOf(name) == object {
						all = false
					}
				}
			}
			return true
		})
	}
	return values, all
}
