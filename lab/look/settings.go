package main

import (
	"go/ast"
	"go/types"
	"regexp"
)

// wiring are the settings that every server has: what answers, on which socket, with which
// certificate. They are no choice that a reader has to know of.
var wiring = regexp.MustCompile(`^(Handlers?|Addrs?|Address|Listen|Network|Name|Host|Port|Method|Path|Pattern|Gases|` +
	`Certificates|EnableHTTP|Body|WithMiddleware|Start)$|TLS|HTTPS|Listener|CertFile|KeyFile`)

// options are what functions that set something are called.
var options = regexp.MustCompile(`^(With|Without|Set|Disable|Enable|Reset)[A-Z]|Timeout$`)

// settings finds what is set and not declared: a switch that makes a server faster than its
// framework's default is no secret of its source.
func (l *looker) settings(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.KeyValueExpr:
			if key, is := n.Key.(*ast.Ident); is {
				l.set(key)
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if selector, is := ast.Unparen(left).(*ast.SelectorExpr); is && l.setsUp(n) {
					l.set(selector.Sel)
				}
			}
		case *ast.CallExpr:
			f, is := l.object(n.Fun).(*types.Func)
			if is && l.setsUp(n) && l.isTheirs(f) && (options.MatchString(f.Name()) || l.switches(n)) {
				l.declares(n, f.Name())
			}
		case *ast.SelectorExpr:
			// An option that is handed on as a function.
			f, is := l.object(n).(*types.Func)
			call, handed := l.parents[n].(*ast.CallExpr)
			if is && handed && call.Fun != n && l.setsUp(n) && l.isTheirs(f) && f.Signature().Recv() == nil {
				l.declares(n, f.Name())
			}
		}
		return true
	})
}

// switches tells a statement that asks the framework for something without saying what of: it turns
// something on or off.
func (l *looker) switches(n *ast.CallExpr) bool {
	if _, statement := l.parents[n].(*ast.ExprStmt); !statement {
		return false
	}
	for _, argument := range n.Args {
		basic, is := l.typeOf(argument).Underlying().(*types.Basic)
		if !is || basic.Info()&types.IsBoolean == 0 {
			return false
		}
	}
	return true
}

// heed are the kit's options by the words with which framework.yaml says that they are heeded.
var heed = map[string]string{"routes": "Routes", "middleware": "Middleware", "spin": "Spin"}

// heeds notes which options the package looks at.
func (l *looker) heeds(all map[string]bool) {
	for selector := range l.own.info.Selections {
		if l.ofOptions(selector) {
			all[selector.Sel.Name] = true
		}
	}
}

// set looks at a field that is given a value.
func (l *looker) set(name *ast.Ident) {
	field, is := l.own.info.Uses[name].(*types.Var)
	if is && field.Exported() && l.isTheirs(field) {
		l.declares(name, name.Name)
	}
}

// isTheirs tells what is the framework's or the engine's, the standard library's server included.
func (l *looker) isTheirs(object types.Object) bool {
	if object.Pkg() == nil {
		return false
	}
	switch l.from(object.Pkg()) {
	case ofModule, ofUnknown:
		return true
	case ofKnown:
		switch object.Pkg().Path() {
		case "net/http", "crypto/tls":
			_, field := object.(*types.Var)
			return field
		}
		return !l.isStandard(object.Pkg().Path())
	}
	return false
}

func (l *looker) declares(at ast.Node, name string) {
	if wiring.MatchString(name) || regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).MatchString(l.Settings) {
		return
	}
	l.report(at.Pos(), "undeclared "+name, name+" is set, and `settings` in framework.yaml does not say so")
}
