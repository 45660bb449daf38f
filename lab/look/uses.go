package main

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

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
	if path == kit || l.isOwnPackage(path) || l.known(path) && (l.isStandard(path) || within(path, l.EngineModule)) {
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
		l.otherServer(name, object)
		if !l.Engine && on(namesOfSetup, path+"."+name.Name) && !l.setsUp(name) {
			l.report(name.Pos(), "name "+path+"."+name.Name, name.Name+" is for setting up, and no handler needs it")
		}
	case ofModule:
		if list := parts[path]; list != "" && !on(list, name.Name) {
			l.report(name.Pos(), "name "+path+"."+name.Name, name.Name+words)
			return
		}
		if encoders[name.Name] && !l.Engine {
			l.declares(name, name.Name)
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

// encoders are what packages name what serialises: all servers do by encoding/json, and who takes
// the framework's own says so.
var encoders = set("Marshal MarshalIndent MarshalToString NewEncoder")

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
