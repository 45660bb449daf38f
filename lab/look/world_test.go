package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The framework `web` of the tests, which has what a framework has, and what it should not be
// asked for.
const webSource = `package web

import (
	"context"
	"net"
	"net/http"
	"net/url"

	"example.org/engine"
)

type Handler func(*Context)

type Context struct {
	Request  *http.Request
	Response *Response
	Text     string
	Fast     bool
	Params   map[string]string
}

type Response struct{ Header http.Header; Status int }

func (c *Context) Param(name string) string             { return "" }
func (c *Context) Get(name string) string               { return "" }
func (c *Context) UserValue(name string) any            { return "" }
func (c *Context) Value(name string) any                { return "" }
func (c *Context) Set(name string, value any)           {}
func (c *Context) Path() string                         { return "" }
func (c *Context) OriginalURL() string                  { return "" }
func (c *Context) FullPath() string                     { return "" }
func (c *Context) Verb() string                         { return "" }
func (c *Context) Number(name string) (int, error)      { return 0, nil }
func (c *Context) URL() *url.URL                        { return nil }
func (c *Context) Body() ([]byte, error)                { return nil, nil }
func (c *Context) String(status int, text string)       {}
func (c *Context) Bytes(status int, text []byte)        {}
func (c *Context) JSON(status int, value any)           {}
func (c *Context) PureJSON(status int, value any)       {}
func (c *Context) SetContentType(kind string)           {}
func (c *Context) Next()                                {}
func (c *Context) State() *State                        { return nil }
func (c *Context) IsNew() bool                          { return false }
func (c *Context) SendFile(name string)                 {}

type State struct{}

func (s *State) Keep(key string, value any) {}
func (s *State) Kept(key string) any        { return nil }

type Router struct {
	Fast     bool
	Calm     bool
	Banner   string
	NotFound Handler
	Listener net.Listener
}

func New(more ...Option) *Router                       { return &Router{} }
func (r *Router) GET(path string, h Handler)           {}
func (r *Router) SkipClean(skip bool)                  {}
func (r *Router) Router(name string)                   {}
func Strict(strict bool) Option                        { return nil }
func SetMode(mode int)                                 {}
func Recovery() Handler                                { return nil }
func Unsafe(*Router)                                   {}
func (r *Router) POST(path string, h Handler)          {}
func (r *Router) Use(h Handler)                        {}
func (r *Router) Handle(w http.ResponseWriter, q *http.Request) {}
func (r *Router) ServeHTTP(w http.ResponseWriter, q *http.Request) {}
func (r *Router) Serve(net.Listener) error             { return nil }
func (r *Router) Shutdown(context.Context) error       { return nil }

type Option func(*Router)

func WithFast(fast bool) Option      { return func(r *Router) { r.Fast = fast } }
func Name() string                   { return engine.Name }

func Marshal(value any) ([]byte, error) { return nil, nil }

type Spin struct{ Spin int }

func Use(...any) {}

var Kept []byte
var Mode int
var ErrGone = context.Canceled
`

// modules are what the servers of the tests are built from, beside each other in one folder.
func modules(t *testing.T) string {
	t.Helper()
	place := t.TempDir()
	kit, err := filepath.Abs("../../frameworks/kit")
	if err != nil {
		t.Fatal(err)
	}
	mod := func(name string) string { return "module example.org/" + name + "\n\ngo 1.26\n" }
	write(t, place, map[string]string{
		"web/go.mod":             mod("web") + "\nrequire example.org/engine v1.0.0\n",
		"web/web.go":             webSource,
		"web/cache/cache.go":     "package cache\n\nfunc New() {}\n",
		"web/fast/fast.go":       "package fast\n\nfunc Serve() {}\n",
		"engine/go.mod":          mod("engine"),
		"engine/engine.go":       "package engine\n\nconst Name = \"engine\"\n\nfunc Serve() {}\n",
		"engine/below/below.go":  "package below\n\nfunc Serve() {}\n",
		"other/go.mod":           mod("other"),
		"other/other.go":         "package other\n\nfunc Serve() {}\n",
		"elsewhere/elsewhere.go": "package elsewhere\n\nfunc F() {}\n",
		"fasthttp/go.mod":        "module github.com/valyala/fasthttp\n\ngo 1.26\n",
		"fasthttp/fasthttp.go":   "package fasthttp\n\nconst StatusOK = 200\n",
		"x/go.mod":               serverModule(kit, "v1.0.0"),
	})
	return place
}

func serverModule(kit, engine string) string {
	return fmt.Sprintf(`module bench.lab/x

go 1.26

require (
	bench.lab/kit v0.0.0
	example.org/engine %s
	example.org/other v1.0.0
	example.org/web v1.0.0
	github.com/valyala/fasthttp v1.0.0
)

replace (
	bench.lab/kit => %s
	example.org/engine => ../engine
	example.org/other => ../other
	example.org/web => ../web
	github.com/valyala/fasthttp => ../fasthttp
)
`, engine, kit)
}

func write(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var web = Rules{Module: "example.org/web", EngineModule: "example.org/engine"}

// one is a package of its own in a server: what it imports beside net/http, the framework and the
// kit, what it declares, what its handler h does, and what is found in it.
type one struct{ imports, declares, does, key string }

// source is its app.go; the handler begins on line 12 where there is one more import.
func (c one) source() string {
	return "package app\n\nimport (\n" + c.imports + "\n\t\"net/http\"\n\n\t\"example.org/web\"\n\t\"bench.lab/kit\"\n)\n\n" +
		"func h(w http.ResponseWriter, r *http.Request, c *web.Context) {\n" + c.does + "\n}\n\n" +
		"func New(options kit.Options, more ...web.Option) *web.Router {\n\trouter := web.New(more...)\n\trouter.GET(\"/json\", func(c *web.Context) { c.Next() })\n\treturn router\n}\n\n" + c.declares + "\n"
}

// found looks at all of these at once, as each look asks Go what is compiled, and gives the
// findings of each.
func found(t *testing.T, rules Rules, all []one) [][]Finding {
	t.Helper()
	place := modules(t)
	for i, c := range all {
		write(t, place, map[string]string{fmt.Sprintf("x/c%d/app.go", i): c.source()})
	}
	findings, err := rules.look([]string{filepath.Join(place, "x")}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	each := make([][]Finding, len(all))
	for _, f := range findings {
		number := 0
		if _, err := fmt.Sscanf(f.Place, "c%d/app.go", &number); err != nil {
			t.Errorf("%s is in none of the servers.", f)
			continue
		}
		each[number] = append(each[number], f)
	}
	return each
}

// routed is a server whose router has the contract's first route, behind what a test does to it.
func routed(body string) map[string]string {
	return map[string]string{
		"app/app.go": "package app\n\nimport (\n\t\"bench.lab/kit\"\n\t\"example.org/web\"\n)\n\nfunc New(options kit.Options) *web.Router {\n\trouter := web.New()\n" +
			body + "\n\trouter.GET(\"/plaintext\", pass)\n\treturn router\n}\n\nfunc pass(c *web.Context) { c.Next() }\n",
		"main.go": "package main\n\nimport (\n\t\"bench.lab/kit\"\n\t\"bench.lab/x/app\"\n)\n\nfunc main() { app.New(kit.Setup(\"x\")) }\n",
	}
}

// lookIn looks at a server of these files.
func lookIn(t *testing.T, rules Rules, files map[string]string) []Finding {
	t.Helper()
	place := modules(t)
	write(t, filepath.Join(place, "x"), files)
	findings, err := Look(rules, []string{filepath.Join(place, "x")})
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func hasKey(findings []Finding, key string) bool {
	for _, f := range findings {
		if f.Key == key {
			return true
		}
	}
	return false
}

func keys(findings []Finding) string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Place+" "+f.Key)
	}
	return strings.Join(all, "\n")
}
