package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// useOfMember looks at methods and fields.
func (l *looker) useOfMember(name *ast.Ident, object types.Object) {
	field := false
	switch o := object.(type) {
	case *types.Func:
	case *types.Var:
		field = o.IsField()
		if !field {
			return // a variable of a function
		}
	default:
		return
	}
	if !object.Exported() {
		return
	}
	key, isKey := l.parents[name].(*ast.KeyValueExpr)
	isKey = isKey && key.Key == name
	switch l.from(object.Pkg()) {
	case ofKnown:
		if l.isToldByImport(object.Pkg()) {
			return
		}
		of := l.ownerOf(object)
		config := of == "net/http.Server" || of == "github.com/valyala/fasthttp.Server"
		if field && config && !targets[name.Name] {
			return // what is set of them is declared
		}
		if !l.allowsMember(of, name.Name) && !l.guards(name) {
			l.mention(name, name.Name)
			return
		}
		l.memberCall(name, of)
	case ofModule, ofUnknown:
		if field && (isKey || l.isSet(name)) && !strings.HasPrefix(name.Name, "Conn") && !leadsBeyond(name.Name) {
			return // what is set is none that is read
		}
		if leads(name.Name) && !l.isOfAnswer(name) || name.Name == "Get" && !l.getsParameter(name) {
			l.mention(name, name.Name)
		}
	}
}

// leadsBeyond tells settings by which a handler gets what is the engine's.
func leadsBeyond(name string) bool {
	return name == "BaseContext" || name == "TLSNextProto" || strings.Contains(name, "Hijack")
}

// isToldByImport tells a package of the standard library that servers do not need, where its import
// is a finding: whoever declares that declares what is used of it.
func (l *looker) isToldByImport(pkg *types.Package) bool {
	if l.known(pkg.Path()) {
		return false
	}
	for _, imported := range l.own.types.Imports() {
		if imported == pkg {
			return true
		}
	}
	return false
}

// ownerOf gives the type whose method or field something is, `net/http.Request`.
func (l *looker) ownerOf(object types.Object) string {
	path := object.Pkg().Path()
	if f, is := object.(*types.Func); is {
		if receiver := f.Signature().Recv(); receiver != nil {
			t := types.Unalias(receiver.Type())
			if pointer, is := t.(*types.Pointer); is {
				t = types.Unalias(pointer.Elem())
			}
			if named, is := t.(*types.Named); is {
				return path + "." + named.Obj().Name()
			}
		}
		return path
	}
	scope := object.Pkg().Scope()
	for _, name := range scope.Names() {
		of, is := scope.Lookup(name).(*types.TypeName)
		if !is {
			continue
		}
		structure, is := of.Type().Underlying().(*types.Struct)
		if !is {
			continue
		}
		for i := range structure.NumFields() {
			if structure.Field(i) == object {
				return path + "." + name
			}
		}
	}
	return path
}

// guards tells the URL and RawPath of the comparison x.URL.RawPath == "": whether a path was sent
// encoded is what says how its parameters come.
func (l *looker) guards(name *ast.Ident) bool {
	selector, is := l.parents[name].(*ast.SelectorExpr)
	if !is || selector.Sel != name {
		return false
	}
	if name.Name == "URL" {
		outer, is := l.parents[selector].(*ast.SelectorExpr)
		return is && outer.Sel.Name == "RawPath" && l.guards(outer.Sel)
	}
	comparison, is := l.parents[selector].(*ast.BinaryExpr)
	return is && l.rawPathGuard(comparison)
}

func (l *looker) rawPathGuard(n *ast.BinaryExpr) bool {
	raw, is := n.X.(*ast.SelectorExpr)
	if !is || n.Op != token.EQL || raw.Sel.Name != "RawPath" {
		return false
	}
	object := l.object(raw)
	empty := l.own.info.Types[n.Y].Value
	if object == nil || object.Pkg() == nil || object.Pkg().Path() != "net/url" || empty == nil || empty.Kind() != constant.String {
		return false
	}
	url, is := raw.X.(*ast.SelectorExpr)
	return is && url.Sel.Name == "URL" && constant.StringVal(empty) == ""
}

// memberCall looks at what is handed to some of the members: a header's name and value are
// written there, and so are the names of parameters.
func (l *looker) memberCall(name *ast.Ident, of string) {
	call := l.callOf(name)
	switch {
	case of == "net/http.ResponseWriter" && name.Name == "Header":
		outer, is := l.parents[call].(*ast.SelectorExpr)
		if call == nil || !is || !setters[outer.Sel.Name] {
			l.mention(name, "Header")
		}
	case of == "net/http.Header":
		if call == nil || !l.constants(call.Args) {
			l.report(name.Pos(), "text Header", "a header is set to what is not written there")
		}
	case of == "net/http.Request" && name.Name == "PathValue", of == "net/url.Values", strings.HasSuffix(of, ".RequestCtx") && name.Name == "UserValue":
		if call == nil || !l.isParameter(call) {
			l.mention(name, name.Name)
		}
	case of == "net/http.Handler" && name.Name == "ServeHTTP":
		if call != nil {
			next, is := call.Fun.(*ast.SelectorExpr).X.(*ast.Ident)
			if is && l.isParameterOf(next) {
				return
			}
		}
		l.mention(name, "ServeHTTP")
	case of == "net/http.ServeMux":
		if l.Module != "std" {
			l.mention(name, name.Name)
		}
	}
}

var setters = set("Set Add Del SetContentType")

func (l *looker) constants(all []ast.Expr) bool {
	for _, e := range all {
		if !l.constant(e) {
			return false
		}
	}
	return true
}

// callOf gives the call of a selector, nil where it is only named.
func (l *looker) callOf(name *ast.Ident) *ast.CallExpr {
	selector, is := l.parents[name].(*ast.SelectorExpr)
	if !is || selector.Sel != name {
		return nil
	}
	call, is := l.parent(selector).(*ast.CallExpr)
	if !is || call.Fun != selector {
		return nil
	}
	return call
}

// isSet tells a selector on the left of an assignment.
func (l *looker) isSet(name *ast.Ident) bool {
	selector, is := l.parents[name].(*ast.SelectorExpr)
	if !is || selector.Sel != name {
		return false
	}
	assignment, is := l.parent(selector).(*ast.AssignStmt)
	if !is {
		return false
	}
	for _, left := range assignment.Lhs {
		if left == selector {
			return true
		}
	}
	return false
}

// isOfAnswer tells what is done to an answer's head, a path that is registered, the next of a
// middleware: a header whose name and value are written there.
func (l *looker) isOfAnswer(name *ast.Ident) bool {
	call := l.callOf(name)
	switch name.Name {
	case "Header":
		if call != nil && len(call.Args) == 2 {
			return l.constants(call.Args)
		}
		// c.Response.Header().Set("Content-Type", plain), with and without the call.
		node := l.parents[name]
		if call != nil {
			node = call
		}
		outer, is := l.parents[node].(*ast.SelectorExpr)
		if !is || !setters[outer.Sel.Name] {
			return false
		}
		set, is := l.parents[outer].(*ast.CallExpr)
		return is && set.Fun == outer && l.constants(set.Args)
	case "Path":
		return call != nil && l.setsUp(name) && l.constants(call.Args) && len(call.Args) == 1
	}
	return false
}
