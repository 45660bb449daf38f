package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"
)

// targets are the fields and methods by which Go servers give a request's target, its head or the
// connection that it came on. Only routers, engines and the framework need them.
var targets = set(`URL URI FullURI RawPath RawQuery RawURL RequestURI EscapedPath OriginalURL PathOriginal
	LastPathSegment FullPath FullURL RelPath RequestPath MatchedPath RoutePath RoutePattern RouteName CurrentRoute
	GetRoute HandlerName Pattern BaseURL IsAbs JoinPath
	Host Hostname RemoteAddr RemoteIP RemoteIPAddr ClientIP RealIP LocalAddr UserAgent Referer Cookie Cookies
	GetHeader GetReqHeaders GetReqHeader RequestHeader ReqHeader HeaderMap RawHeaders RawHeader VisitAll Peek
	PeekAll PeekBytes PeekKeys Trailer
	Accept AcceptTCP Hijack Hijacker HijackSetNoResponse Conn NetConn GetConn ConnContext ConnState BaseContext
	TLSNextProto SyscallConn File Fd Flusher NewResponseController DumpRequest
	ServeHTTP`)

// setters are what is done to an answer's header, whose names are literals.
var setters = set("Set Add SetContentType Del")

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

// mentions finds what leads to a request's target, by whatever way it is used then.
func (l *looker) mentions(file *ast.File) {
	allowed := map[ast.Node]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.BinaryExpr:
			// Whether a path was sent encoded is what says how its parameters come.
			if guard := rawPathGuard(n); guard != nil {
				allowed[guard] = true
				allowed[guard.X] = true
			}
		case *ast.CallExpr:
			l.allowCall(n, allowed)
		case *ast.AssignStmt:
			// An address that is set is none that is read.
			for _, left := range n.Lhs {
				if host, is := left.(*ast.SelectorExpr); is && host.Sel.Name == "Host" {
					allowed[host] = true
				}
			}
		case *ast.KeyValueExpr:
			if key, is := n.Key.(*ast.Ident); is && strings.HasPrefix(key.Name, "Conn") && targets[key.Name] {
				l.mention(key, key.Name, key)
			}
		case *ast.SelectorExpr:
			if !allowed[n] && l.leads(n) {
				l.mention(n, n.Sel.Name, n)
			}
		case *ast.FuncDecl:
			if n.Recv != nil && targets[n.Name.Name] {
				l.mention(n.Name, n.Name.Name, n.Name)
			}
		}
		return true
	})
}

func (l *looker) mention(at ast.Node, key string, of ast.Expr) {
	l.report(at.Pos(), "mention "+key, types.ExprString(of)+": a request's target, head and connection are its router's and its engine's")
}

// leads tells whether a selector leads to a request's target or head.
func (l *looker) leads(selector *ast.SelectorExpr) bool {
	if of, is := selector.X.(*ast.Ident); is {
		if _, pkg := l.imports[of.Name]; pkg {
			return selector.Sel.Name == "CurrentRoute" || selector.Sel.Name == "Flusher"
		}
	}
	switch selector.Sel.Name {
	case "Path":
		return types.ExprString(selector.X) != "route"
	case "Header":
		return true
	}
	return targets[selector.Sel.Name]
}

// allowCall marks what a call says to be no look at a request: a header that is set, a path that
// is registered, next.ServeHTTP of a middleware.
func (l *looker) allowCall(call *ast.CallExpr, allowed map[ast.Node]bool) {
	selector, is := call.Fun.(*ast.SelectorExpr)
	if !is {
		return
	}
	switch name := selector.Sel.Name; {
	case name == "ServeHTTP" && len(call.Args) == 2:
		if of, is := selector.X.(*ast.Ident); is && of.Name == "next" {
			allowed[selector] = true
		}
	case name == "Header" && len(call.Args) == 2, name == "Path" && len(call.Args) == 1 && literal(call.Args[0]):
		allowed[selector] = true
	case setters[name] || strings.HasPrefix(name, "SetContentType"):
		if len(call.Args) > 1 && !literal(call.Args[0]) && !constant(call.Args[0]) {
			return
		}
		of := selector.X
		if inner, is := of.(*ast.CallExpr); is && len(inner.Args) == 0 {
			of = inner.Fun
		}
		if header, is := of.(*ast.SelectorExpr); is && header.Sel.Name == "Header" {
			allowed[header] = true
		}
	case name == "Get" && len(call.Args) == 1:
		if of, is := selector.X.(*ast.Ident); is && l.imports[of.Name] != "" {
			return
		}
		// What routers call their parameters by; a header has other names.
		if text := types.ExprString(call.Args[0]); text != `"id"` && text != `"slug"` {
			l.mention(selector, "Get", selector)
		}
	}
}

// constant tells fiber.HeaderContentType and its like.
func constant(e ast.Expr) bool {
	selector, is := e.(*ast.SelectorExpr)
	if !is {
		_, is = e.(*ast.Ident)
		return is
	}
	_, is = selector.X.(*ast.Ident)
	return is
}

func literal(e ast.Expr) bool {
	_, is := e.(*ast.BasicLit)
	return is
}

// rawPathGuard returns x.URL.RawPath of the comparison x.URL.RawPath == "".
func rawPathGuard(n *ast.BinaryExpr) *ast.SelectorExpr {
	raw, is := n.X.(*ast.SelectorExpr)
	if !is || n.Op != token.EQL || raw.Sel.Name != "RawPath" || !emptyString(n.Y) {
		return nil
	}
	if url, is := raw.X.(*ast.SelectorExpr); is && url.Sel.Name == "URL" {
		return raw
	}
	return nil
}

func emptyString(e ast.Expr) bool {
	text, is := e.(*ast.BasicLit)
	return is && (text.Value == `""` || text.Value == "``")
}

// contract are the paths of the contract, in the ways in which routers write them.
var contract = regexp.MustCompile(`^(GET |POST |HEAD )?/(plaintext|json|echo|blob|user/` + parameter + `/post/` + parameter + `)?$`)

const parameter = `(:\w+|\{\w+\}|<\w+>|\(\?P<\w+>\[\^/\]\+\))`

// literals finds patterns that give a handler more than the contract's path: who asks the router
// for everything routes by itself.
func (l *looker) literals(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		if _, is := node.(*ast.ImportSpec); is {
			return false
		}
		text, is := node.(*ast.BasicLit)
		if !is || text.Kind != token.STRING {
			return true
		}
		value, err := strconv.Unquote(text.Value)
		if err == nil && (strings.Contains(value, "*") || strings.Contains(value, "...") ||
			strings.Contains(value, "/") && !mime.MatchString(value) && !contract.MatchString(value)) {
			l.report(text.Pos(), "literal "+text.Value, "is no path of the contract")
		}
		return true
	})
}

var mime = regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]+(; ?charset=[a-zA-Z0-9-]+)?$`)
