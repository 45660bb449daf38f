package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"
)

// from says whose a package is.
type from int

const (
	universe  from = iota // Go itself
	ofOwn                 // the server's
	ofTheKit              // the lab's
	ofModule              // of the declared module
	ofKnown               // of the standard library or an engine, with a list
	ofUnknown             // anything else
)

func (l *looker) from(pkg *types.Package) from {
	switch {
	case pkg == nil:
		return universe
	case pkg.Path() == kit:
		return ofTheKit
	case l.isOwnPackage(pkg.Path()):
		return ofOwn
	case l.Module != "std" && within(pkg.Path(), l.Module):
		return ofModule
	case l.known(pkg.Path()) || l.isStandard(pkg.Path()):
		return ofKnown
	case within(pkg.Path(), l.EngineModule):
		return ofModule
	}
	return ofUnknown
}

func (l *looker) isOwnPackage(path string) bool {
	for _, own := range l.world.own {
		if own.ImportPath == path {
			return true
		}
	}
	return false
}

func (l *looker) isStandard(path string) bool {
	one := l.world.all[path]
	return one != nil && one.Standard
}

// isKit tells one of the kit's types.
func (l *looker) isKit(t types.Type, name string) bool {
	named, is := types.Unalias(t).(*types.Named)
	return is && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == kit && named.Obj().Name() == name
}

// imports holds a file's imports to the declared module, its engine, the kit, the server's own
// packages and the standard library's list.
func (l *looker) imports(file *ast.File) {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if spec.Name != nil && (spec.Name.Name == "_" || spec.Name.Name == ".") {
			l.report(spec.Pos(), "import "+spec.Name.Name+" "+path, "an import whose uses cannot be seen")
		}
		if within(path, l.Module) && !l.isOwnPackage(path) {
			l.used++ // Go lets nobody import what is not used.
		}
		if !l.importable(path) {
			l.report(spec.Pos(), "import "+path, "is neither of the declared module, its engine or the kit, nor one of the packages that servers need")
		}
	}
}

func (l *looker) importable(path string) bool {
	if path == kit || l.isOwnPackage(path) || l.known(path) {
		return true
	}
	ours := l.Module != "std" && within(path, l.Module) || within(path, l.EngineModule)
	return ours && (path == l.Module || path == l.EngineModule || parts[path] != "")
}

// uses finds what of packages and their types is used that is not on a list.
func (l *looker) uses(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		name, is := node.(*ast.Ident)
		if !is {
			return true
		}
		object := l.own.info.Uses[name]
		if object == nil || object.Pkg() == nil {
			return true
		}
		if _, is := object.(*types.PkgName); is {
			return true
		}
		if object.Parent() == object.Pkg().Scope() {
			l.useOf(name, object)
		} else if !l.Engine {
			l.useOfMember(name, object)
		}
		return true
	})
}

// useOf looks at what a package exports.
func (l *looker) useOf(name *ast.Ident, object types.Object) {
	path := object.Pkg().Path()
	words := " is not what servers need of " + path
	switch l.from(object.Pkg()) {
	case ofTheKit:
		if !on(ofKit, name.Name) {
			l.report(name.Pos(), "name "+path+"."+name.Name, name.Name+words)
		}
	case ofKnown:
		// Of a package that may not be imported at all its import has been told.
		if l.known(path) && !l.allows(path, name.Name) {
			l.report(name.Pos(), "name "+path+"."+name.Name, name.Name+words)
		}
		if !l.Engine && on(namesOfSetup, path+"."+name.Name) && !l.setsUp(name) {
			l.report(name.Pos(), "name "+path+"."+name.Name, name.Name+" is for setting up, and no handler needs it")
		}
	case ofModule:
		if list := parts[path]; list != "" && !on(list, name.Name) {
			l.report(name.Pos(), "name "+path+"."+name.Name, name.Name+words)
			return
		}
		// Constants are names of headers, media types and states.
		switch object.(type) {
		case *types.Func, *types.Var:
			if !l.Engine && leads(name.Name) {
				l.mention(name, name.Name)
			}
		}
	}
}

// targets are the fields and methods by which Go servers give a request's target, its head or the
// connection that it came on, and those by which they keep something for later or answer in the
// place of handlers. Only routers, engines and the framework need them.
var targets = set(`URL URI FullURI RawPath RawQuery RawURL RequestURI EscapedPath OriginalURL PathOriginal Path
	LastPathSegment FullPath FullURL RelPath RequestPath MatchedPath RoutePath RoutePattern RouteName CurrentRoute
	GetRoute HandlerName HandlerNames Pattern BaseURL IsAbs JoinPath Header Headers Referrer Protocol Method Query
	Host Hostname RemoteAddr RemoteIP RemoteIPAddr ClientIP RealIP LocalAddr UserAgent Referer Cookie Cookies
	GetHeader GetReqHeaders GetReqHeader RequestHeader ReqHeader HeaderMap RawHeaders RawHeader VisitAll Peek
	PeekAll PeekBytes PeekKeys Trailer
	Accept AcceptTCP Hijack Hijacker HijackSetNoResponse Conn NetConn GetConn ConnContext ConnState BaseContext
	TLSNextProto SyscallConn Fd Flusher NewResponseController DumpRequest
	ServeHTTP Handle404 Lookup Match Matches Find FindHandler
	App Application Echo Engine State States Store Stores Load LoadOrStore Swap CompareAndSwap Locals Session
	Sessions Pool Put Acquire AcquireContext Mount Static Statics Rewrite Redirect`)

var leadingParts = []string{"Cache", "Proxy", "Static", "Rewrite", "SendFile", "ServeFile", "Session", "Hijack", "Memstore"}

func leads(name string) bool {
	if targets[name] || name == "File" || name == "FileServer" || name == "FS" {
		return true
	}
	for _, part := range leadingParts {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

func (l *looker) mention(at *ast.Ident, key string) {
	words := at.Name
	if selector, is := l.parents[at].(*ast.SelectorExpr); is && selector.Sel == at {
		words = types.ExprString(selector)
	}
	l.report(at.Pos(), "mention "+key, words+": a request's target, head and connection, and what is kept for later, are its router's and its engine's")
}

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

// isParameterOf tells a name that is a parameter of a function.
func (l *looker) isParameterOf(name *ast.Ident) bool {
	object := l.own.info.ObjectOf(name)
	variable, is := object.(*types.Var)
	return is && variable.Kind() == types.ParamVar && !l.written[object]
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

// contract are the paths of the contract, in the ways in which routers write them.
var contract = regexp.MustCompile(`^(GET |POST |HEAD )?/(plaintext|json|echo|blob|user/` + parameter + `/post/` + parameter + `)?$`)

const parameter = `(:\w+|\{\w+\}|<\w+>|\(\?P<\w+>\[\^/\]\+\))`

// longest is what servers write as a text: media types, paths, words of an error.
const longest = 200

var mime = regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]+(; ?charset=[a-zA-Z0-9-]+)?$`)

// literals finds patterns that give a handler more than the contract's path: who asks the router
// for everything routes by itself. Texts that are put together when they are compiled count as
// what they are then.
func (l *looker) literals(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil {
				l.tag(n)
			}
		case ast.Expr:
			value := l.own.info.Types[n].Value
			if value == nil || value.Kind() != constant.String {
				return true
			}
			text := constant.StringVal(value)
			if strings.Contains(text, "*") || strings.Contains(text, "...") ||
				strings.Contains(text, "/") && !mime.MatchString(text) && !contract.MatchString(text) {
				l.report(n.Pos(), "literal "+strconv.Quote(text), "is no path of the contract")
			}
			if len(text) > longest {
				l.report(n.Pos(), "literal of "+strconv.Itoa(len(text))+" bytes", "is as long as an answer")
			}
			return false
		}
		return true
	})
}

var tags = regexp.MustCompile(`^(path:"(id|slug)"|header:"Content-Type")$`)

// tag looks at what a field of a structure is bound to.
func (l *looker) tag(field *ast.Field) {
	text, err := strconv.Unquote(field.Tag.Value)
	if err != nil || !tags.MatchString(text) {
		l.report(field.Tag.Pos(), "literal "+field.Tag.Value, "binds what is no parameter of the contract")
	}
}
