package main

import (
	"go/ast"
	"go/types"
	"regexp"
	"strings"
)

// wiring are the settings that every server has: what answers, on which socket, with which
// certificate. They are no choice that a reader has to know of.
var wiring = regexp.MustCompile(`^(Handlers?|Addrs?|Address|Listen|Network|Name|Host|Port|Method|Path|Pattern|Gases|` +
	`Certificates|EnableHTTP|Body|WithMiddleware|Start)$|TLS|HTTPS|Listener|CertFile|KeyFile`)

// options are what functions that set something are called.
var options = regexp.MustCompile(`^(With|Without|Set|Disable|Enable|Reset)[A-Z]|Timeout$`)

// withs are what options are called wherever they are made.
var withs = regexp.MustCompile(`^With(out)?[A-Z]`)

// settings finds what is set and not declared: a switch that makes a server faster than its
// framework's default is no secret of its source.
func (l *looker) settings(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.KeyValueExpr:
			if key, is := n.Key.(*ast.Ident); is {
				l.set(key, n.Value)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if selector, is := ast.Unparen(left).(*ast.SelectorExpr); is && (l.Engine || l.setsUp(n)) {
					l.set(selector.Sel, n.Rhs[min(i, len(n.Rhs)-1)])
				}
			}
		case *ast.CallExpr:
			f, is := l.object(n.Fun).(*types.Func)
			if is && l.isTheirs(f) && l.sets(n, f) {
				l.declares(n, f.Name(), n.Args...)
			}
		case *ast.SelectorExpr:
			l.handed(n)
		}
		return true
	})
}

// handed looks at a function of the framework's that is named and not called: an option, or a
// switch by another name. What serves and stops is handed to the kit, and methods to the framework.
func (l *looker) handed(n *ast.SelectorExpr) {
	f, is := l.object(n).(*types.Func)
	if !is || !l.setsUp(n) || !l.isTheirs(f) {
		return
	}
	switch parent := l.parent(n).(type) {
	case *ast.CallExpr:
		if parent.Fun == n || ast.Unparen(parent.Fun) == n || f.Signature().Recv() != nil {
			return
		}
	case *ast.KeyValueExpr:
		return
	}
	l.declares(n, f.Name())
}

// registration are, of frameworks that are not known (ways.go), the methods by which they are given routes, handlers and middlewares, and by
// which they are served. Whatever else is asked of one while it is set up is a setting.
var registration = set(`Action Add AddRoute AddRoutes Configure DELETE Delete Filter GET Get Group Handle HandleFunc Head
	InsertFilterChain MapTo Method Methods Middleware MustAdd POST Post Put Route Run Serve Start To Use UseBefore UseHandler
	UseMiddleware UseRouter GetStd PostStd`)

// sets tells a call that sets something: one that makes an option, and one that the framework is
// asked for while it is set up and that registers nothing.
func (l *looker) sets(n *ast.CallExpr, f *types.Func) bool {
	if withs.MatchString(f.Name()) || f.Signature().Recv() == nil && options.MatchString(f.Name()) {
		return true
	}
	if !l.setsUp(n) {
		return false
	}
	if results := f.Signature().Results(); results.Len() == 1 {
		named, is := types.Unalias(results.At(0).Type()).(*types.Named)
		if is && strings.Contains(named.Obj().Name(), "Option") && !l.registers(f.Name()) {
			return true
		}
	}
	_, statement := l.parents[n].(*ast.ExprStmt)
	return options.MatchString(f.Name()) || statement && !l.registers(f.Name()) && !l.Engine
}

// bare are the constructors that leave out what the framework's other, documented one has, by what has to be
// put back: recovery from panics stays.
var bare = map[string][]string{
	"github.com/flamego/flamego.New":                {"github.com/flamego/flamego.Recovery"},
	"github.com/gin-gonic/gin.New":                  {"github.com/gin-gonic/gin.Recovery"},
	"github.com/go-martini/martini.New":             {"github.com/go-martini/martini.Recovery"},
	"github.com/kataras/iris/v12.New":               {"github.com/kataras/iris/v12/middleware/recover.New"},
	"github.com/zenazn/goji/web.New":                {"github.com/zenazn/goji/web/middleware.Recoverer", "github.com/zenazn/goji/web/middleware.AutomaticOptions"},
	"gopkg.in/macaron.v1.New":                       {"gopkg.in/macaron.v1.Recovery"},
	"github.com/cloudwego/hertz/pkg/app/server.New": {"github.com/cloudwego/hertz/pkg/app/middlewares/server/recovery.Recovery"},
}

// bares finds such a constructor whose counterpart's parts are not there, or are given to what nobody asks.
func (l *looker) bares() {
	used := map[string][]*ast.Ident{}
	for name, object := range l.own.info.Uses {
		if f, is := object.(*types.Func); is && f.Pkg() != nil {
			used[f.FullName()] = append(used[f.FullName()], name)
		}
	}
	for constructor, wanted := range bare {
		made := used[constructor]
		if len(made) == 0 {
			continue
		}
		for _, part := range wanted {
			right := false
			for _, name := range used[part] {
				statement := l.statement(name)
				right = right || l.isServed(statement, statement)
			}
			if !right {
				l.report(made[0].Pos(), "undeclared "+constructor, constructor+" leaves out "+part+", which the documented constructor has")
			}
		}
	}
}

// statement gives the statement that a name stands in.
func (l *looker) statement(name ast.Node) ast.Node {
	for node := name; node != nil; node = l.parents[node] {
		if _, is := node.(ast.Stmt); is {
			return node
		}
	}
	return name
}

// heed are the kit's options by the words with which framework.yaml says that they are heeded.
var heed = map[string]string{"routes": "Routes", "middleware": "Middleware", "spin": "Spin"}

// heeds notes which options the package looks at and does something for.
func (l *looker) heeds(all map[string]bool) {
	for _, file := range l.own.files {
		ast.Inspect(file, func(node ast.Node) bool {
			var option ast.Expr
			var body *ast.BlockStmt
			switch n := node.(type) {
			case *ast.RangeStmt:
				option, body = n.X, n.Body
			case *ast.IfStmt:
				option, body = n.Cond, n.Body
				if comparison, is := option.(*ast.BinaryExpr); is {
					option = comparison.X
				}
			default:
				return true
			}
			if l.ofOptions(option) && l.takesFunction(body) && (l.Engine || l.isServed(node, body)) {
				all[ast.Unparen(option).(*ast.SelectorExpr).Sel.Name] = true
			}
			return true
		})
	}
}

// takesFunction tells statements that put a function somewhere: a handler, a middleware; a table of
// an engine's routes has none.
func (l *looker) takesFunction(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			for _, argument := range n.Args {
				t := l.typeOf(argument)
				_, empty := t.(*types.Basic)
				found = found || t != nil && !empty && (isFunction(t) || holdsFunction(t))
			}
		case *ast.AssignStmt:
			found = found || l.Engine
		}
		return !found
	})
	return found
}

// isServed tells statements that do something to what is returned, or to what has the contract's
// routes: a middleware of a router that nobody asks is none.
func (l *looker) isServed(at, body ast.Node) bool {
	touched := l.variablesOf(body)
	var f ast.Node
	for f = l.function(at); f != nil; f = l.function(f) {
		if _, is := f.(*ast.FuncDecl); is {
			break
		}
	}
	declared, is := f.(*ast.FuncDecl)
	if !is {
		return false
	}
	served := false
	ast.Inspect(declared.Body, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncLit:
			return n.Pos() < at.Pos() && at.End() < n.End()
		case *ast.AssignStmt:
			// What is made of it is as good.
			made := false
			for _, right := range n.Rhs {
				for object := range l.variablesOf(right) {
					made = made || touched[object]
				}
			}
			for _, left := range n.Lhs {
				if name, is := left.(*ast.Ident); is && made {
					touched[l.own.info.ObjectOf(name)] = true
				}
			}
		case *ast.ReturnStmt:
			for object := range l.variablesOf(n) {
				served = served || touched[object]
			}
		case *ast.CallExpr:
			if len(n.Args) > 0 && l.isFirstRoute(n.Args) {
				for object := range l.variablesOf(n) {
					served = served || touched[object]
				}
			}
		}
		return true
	})
	return served
}

// isFirstRoute tells a call that names the contract's first path.
func (l *looker) isFirstRoute(arguments []ast.Expr) bool {
	for _, argument := range arguments {
		if value := l.own.info.Types[argument].Value; value != nil && strings.HasSuffix(value.String(), "/plaintext\"") {
			return true
		}
	}
	return false
}

// variablesOf gives the variables of functions that are named in a node, the options left out.
func (l *looker) variablesOf(node ast.Node) map[types.Object]bool {
	all := map[types.Object]bool{}
	ast.Inspect(node, func(n ast.Node) bool {
		if name, is := n.(*ast.Ident); is {
			variable, is := l.own.info.Uses[name].(*types.Var)
			if is && !variable.IsField() && !l.isKit(variable.Type(), "Options") && !l.isKit(variable.Type(), "Route") {
				all[variable] = true
			}
		}
		return true
	})
	return all
}

// holdsFunction tells an interface with a method, a structure or a list of what has a function.
func holdsFunction(t types.Type) bool {
	if slice, is := t.Underlying().(*types.Slice); is {
		return isFunction(slice.Elem()) || holdsFunction(slice.Elem())
	}
	if pointer, is := t.Underlying().(*types.Pointer); is {
		return types.NewMethodSet(pointer).Len() > 0 || holdsFunction(pointer.Elem())
	}
	if structure, is := t.Underlying().(*types.Struct); is {
		return structure.NumFields() > 0
	}
	return types.NewMethodSet(t).Len() > 0
}

// set looks at a field that is given a value.
func (l *looker) set(name *ast.Ident, value ast.Expr) {
	field, is := l.own.info.Uses[name].(*types.Var)
	if is && field.Exported() && l.isTheirs(field) {
		l.declares(name, name.Name, value)
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

// declares holds what is set to what framework.yaml says: its name, and where both write a value there, that.
func (l *looker) declares(at ast.Node, name string, values ...ast.Expr) {
	if wiring.MatchString(name) {
		return
	}
	if !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(l.Settings) {
		l.report(at.Pos(), "undeclared "+name, name+" is set, and `settings` in framework.yaml does not say so")
		return
	}
	if len(values) != 1 || !l.constant(values[0]) {
		return
	}
	value := l.own.info.Types[values[0]].Value
	said := regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`(?: = |: |\()([^,;)}]+)`).FindAllStringSubmatch(l.Settings, -1)
	for _, one := range said {
		for _, written := range []string{types.ExprString(values[0]), value.String()} {
			if strings.HasPrefix(one[1]+" ", written+" ") {
				return
			}
		}
	}
	// Of a switch that is turned on its name says all, and of a generated table.
	if len(said) > 0 || value.String() != "true" && !l.Engine {
		l.report(at.Pos(), "undeclared "+name, name+" is set to "+types.ExprString(values[0])+", and `settings` in framework.yaml does not say to that")
	}
}

// made are the names with which settings say that something is called, or set to a value.
var made = regexp.MustCompile(`\b([A-Z]\w*)(?:\(| = )`)

// unmade finds settings that are declared and not made: what a reader takes for done.
func (w *world) unmade(settings string) (findings []Finding) {
	there := map[string]bool{}
	for _, own := range w.own {
		for name := range own.info.Uses {
			there[name.Name] = true
		}
	}
	for _, one := range made.FindAllStringSubmatch(settings, -1) {
		if !there[one[1]] {
			there[one[1]] = true
			findings = append(findings, Finding{"framework.yaml:1", "unused " + one[1],
				"`settings` names " + one[1] + ", and the source does not"})
		}
	}
	return findings
}
