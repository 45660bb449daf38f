package main

import (
	"go/ast"
	"go/types"
	"sort"
	"strings"
)

// ways are, by the module of a framework, the methods by which its documentation's servers register routes,
// handlers and middlewares, and are served. The same framework may have others that lead past its router
// or its middlewares, under names that are usual elsewhere.
var ways = map[string]map[string]bool{
	"github.com/alexedwards/flow":         set("HandleFunc Use"),
	"github.com/aofei/air":                set("GET POST Run"),
	"github.com/beego/beego/v2":           set("Get InsertFilterChain Post Run"),
	"github.com/buaazp/fasthttprouter":    set("GET POST Serve"),
	"github.com/cloudwego/hertz":          set("GET POST Run Use"),
	"github.com/danielgtaylor/huma/v2":    set("Get Post UseMiddleware"),
	"github.com/dimfeld/httptreemux/v5":   set("GET POST Use UseHandler"),
	"github.com/emicklei/go-restful/v3":   set("Add Filter GET POST Route To"),
	"github.com/fasthttp/router":          set("GET POST Serve"),
	"github.com/flamego/flamego":          set("Get Post Use"),
	"github.com/fox-toolkit/fox":          set("MustAdd"),
	"github.com/gin-gonic/gin":            set("GET POST Use"),
	"github.com/go-chi/chi/v5":            set("Get Post Use"),
	"github.com/go-fuego/fuego":           set("Get GetStd PostStd Run Use"),
	"github.com/go-kratos/kratos/v2":      set("Filter GET POST Route Start"),
	"github.com/go-kratos/kratos/v3":      set("Filter GET POST Route Start"),
	"github.com/go-martini/martini":       set("Action Get MapTo Post Use"),
	"github.com/go-ozzo/ozzo-routing/v2":  set("Get Post Use"),
	"github.com/go-playground/pure/v5":    set("Get Post Use"),
	"github.com/gocraft/web":              set("Get Middleware Post"),
	"github.com/gofiber/fiber/v2":         set("Get Post Use"),
	"github.com/gofiber/fiber/v3":         set("Get Post Use"),
	"github.com/gogf/gf/v2":               set("GET Group POST Start Use"),
	"github.com/gookit/rux":               set("GET POST Use"),
	"github.com/gorilla/mux":              set("HandleFunc Methods Use"),
	"github.com/julienschmidt/httprouter": set("GET POST"),
	"github.com/kataras/iris/v12":         set("Configure Get Post Run Use UseRouter"),
	"github.com/kataras/muxie":            set("Handle HandleFunc Methods Use"),
	"github.com/labstack/echo/v4":         set("GET POST Start Use"),
	"github.com/labstack/echo/v5":         set("GET POST Start Use"),
	"github.com/naughtygopher/webgo/v7":   set("Use"),
	"github.com/savsgio/atreugo/v11":      set("GET POST Serve UseBefore"),
	"github.com/teambition/gear":          set("Get Post Use UseHandler"),
	"github.com/uptrace/bunrouter":        set("GET POST Use"),
	"github.com/zenazn/goji":              set("Get Post Use"),
	"github.com/zeromicro/go-zero":        set("AddRoute AddRoutes Start Use"),
	"goji.io":                             set("HandleFunc Use"),
	"gopkg.in/macaron.v1":                 set("Get Post Use"),
}

// registers tells a method by which this framework is given something to serve.
func (l *looker) registers(name string) bool {
	if own, is := ways[l.Module]; is {
		return own[name]
	}
	return registration[name]
}

// served are the frameworks that have a server of their own, with its deadlines and limits: one that is
// served by net/http's as it is leaves them out, and nothing that is set says so.
var served = set(`github.com/aofei/air github.com/beego/beego/v2 github.com/cloudwego/hertz github.com/go-fuego/fuego
	github.com/go-kratos/kratos/v2 github.com/go-kratos/kratos/v3 github.com/gogf/gf/v2 github.com/kataras/iris/v12
	github.com/labstack/echo/v4 github.com/labstack/echo/v5 github.com/teambition/gear github.com/zeromicro/go-zero`)

// needs are, by the module, functions of which a server calls one, as it would be another than the rest without
// a word: Hertz serialises by its own encoder where nobody gives it encoding/json, or says which other.
var needs = map[string]map[string]bool{
	"github.com/cloudwego/hertz": set("ResetStdJSONMarshal ResetJSONMarshal"),
}

// lacks finds what a server of this module does not call.
func (w *world) lacks(module string) []Finding {
	wanted := needs[module]
	if wanted == nil {
		return nil
	}
	for _, own := range w.own {
		for name, object := range own.info.Uses {
			if _, function := object.(*types.Func); function && wanted[name.Name] {
				return nil
			}
		}
	}
	var words []string
	for name := range wanted {
		words = append(words, name)
	}
	sort.Strings(words)
	return []Finding{{"go.mod:1", "undeclared " + module, "none of " + strings.Join(words, ", ") + " is called, so the framework's own default stays, which rules set otherwise"}}
}

// otherServer finds a server of net/http's that is made in the place of the framework's own. A function that
// is handed the framework's may name its type.
func (l *looker) otherServer(name *ast.Ident, object types.Object) {
	if object.Pkg().Path() != "net/http" || object.Name() != "Server" || !served[l.Module] {
		return
	}
	for node := l.parents[name]; node != nil; node = l.parents[node] {
		if _, parameter := node.(*ast.Field); parameter {
			return
		}
	}
	l.report(name.Pos(), "name net/http.Server", "the framework has a server of its own, and this is another")
}
