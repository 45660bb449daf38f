package main

import (
	"go/ast"
	"go/constant"
	"go/types"
)

// getsParameter tells Get("id"): what routers call their parameters by; a header has other names.
func (l *looker) getsParameter(name *ast.Ident) bool {
	call := l.callOf(name)
	return call != nil && (len(call.Args) != 1 || l.isParameter(call))
}

var parameters = set("id slug :id :slug")

// isParameter tells a call or a look-up that names one of the contract's parameters.
func (l *looker) isParameter(call *ast.CallExpr) bool {
	for _, argument := range call.Args {
		if l.isParameterName(argument) {
			return true
		}
	}
	return false
}

func (l *looker) isParameterName(e ast.Expr) bool {
	if value := l.own.info.Types[e].Value; value != nil {
		return value.Kind() == constant.String && parameters[constant.StringVal(value)]
	}
	// A helper's own parameter, which its callers write: param(r, "id").
	name, is := ast.Unparen(e).(*ast.Ident)
	if !is || !l.isParameterOf(name) {
		return false
	}
	object := l.own.info.ObjectOf(name)
	if l.asked[object] {
		return true // it calls itself, which is told elsewhere
	}
	l.asked[object] = true
	defer delete(l.asked, object)
	return l.callersWrite(object)
}

// callersWrite tells a parameter of a function of the package's that every caller gives one of the
// contract's names.
func (l *looker) callersWrite(parameter types.Object) bool {
	calls := 0
	right := true
	for _, file := range l.own.files {
		ast.Inspect(file, func(node ast.Node) bool {
			declared, is := node.(*ast.FuncDecl)
			if !is || declared.Recv != nil {
				return true
			}
			signature := l.own.info.Defs[declared.Name].(*types.Func).Signature()
			for i := range signature.Params().Len() {
				if signature.Params().At(i) == parameter {
					n, all := l.calls(l.own.info.Defs[declared.Name], i)
					calls, right = n, all
				}
			}
			return true
		})
	}
	return calls > 0 && right
}

// calls counts the calls of a function and tells whether all mentions of it are calls whose
// argument of this number is a parameter's name.
func (l *looker) calls(function types.Object, argument int) (n int, right bool) {
	right = true
	for _, file := range l.own.files {
		ast.Inspect(file, func(node ast.Node) bool {
			name, is := node.(*ast.Ident)
			if !is || l.own.info.Uses[name] != function {
				return true
			}
			call, is := l.parent(name).(*ast.CallExpr)
			if !is || call.Fun != name || argument >= len(call.Args) || !l.isParameterName(call.Args[argument]) {
				right = false
				return true
			}
			n++
			return true
		})
	}
	return n, right
}

// isParameterOf tells a name that is a parameter of a function.
func (l *looker) isParameterOf(name *ast.Ident) bool {
	object := l.own.info.ObjectOf(name)
	variable, is := object.(*types.Var)
	return is && variable.Kind() == types.ParamVar && !l.written[object]
}
