package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cheats are servers' ways to leave the rules, with the key by which each is found.
var cheats = []one{
	// The path, by whatever way.
	{``, ``, `switch r.URL.Path { case "/json": }`, "mention Path"},
	{``, ``, `u := r.URL; web.Use(u)`, "mention URL"},
	{`"fmt"`, ``, `web.Use(fmt.Sprint(r))`, "import fmt"},
	{``, ``, `web.Use(r.RequestURI)`, "mention RequestURI"},
	{``, ``, `web.Use(c.Path())`, "mention Path"},
	{``, ``, `web.Use(c.OriginalURL())`, "mention OriginalURL"},
	{``, ``, `web.Use(c.URL().Path)`, "mention URL"},
	{``, ``, `web.Use(r.Pattern)`, "mention Pattern"},
	{``, ``, `web.Use(struct{ *http.Request }{r}.URL)`, "mention URL"},
	{``, ``, `get := (*web.Context).FullPath; web.Use(get)`, "mention FullPath"},
	{``, ``, "switch /* a router */ r.URL.\nPath { case \"/json\": }", "mention Path"},
	{``, ``, `web.Use(c.Verb())`, "text Verb"},
	{``, ``, `web.Use(c.Text)`, "text Text"},
	{``, ``, `web.Use(c.Param("path"))`, "text Param"},
	{``, ``, `read := c.Param; web.Use(read("path"))`, "text read"},
	{``, `func read(c *web.Context, name string) string { return c.Param(name) }`, `web.Use(read(c, "id"), read(c, "path"))`, "text Param"},
	{``, `func read(c *web.Context, name string) string { return c.Param(name) }`, `web.Use(read)`, "text Param"},
	// A name that hides another.
	{``, ``, `options := web.Spin{}; if options.Spin > 0 { }`, "condition options.Spin > 0"},
	{``, `func g(http *web.Context) { web.Use(http.Path()) }`, ``, "mention Path"},
	{`other "example.org/web"`, ``, `web.Use(other.New().ServeHTTP)`, "mention ServeHTTP"},
	{``, `type route struct{ Path string }`, `web.Use(route{Path: c.Verb()})`, "text Verb"},
	// A router of its own, or all of a router's routes.
	{``, ``, `mux := http.NewServeMux(); web.Use(mux)`, "name net/http.NewServeMux"},
	{``, ``, `web.New().GET("/*all", nil)`, `literal "/*all"`},
	{``, ``, `web.New().GET("/"+"*"+"all", nil)`, `literal "/*all"`},
	{``, `const all = "/{rest...}"`, `web.New().GET(all, nil)`, `literal "/{rest...}"`},
	{``, ``, `if c.Param("id") == "json" { }`, `condition c.Param("id") == "json"`},
	{``, `func table() map[string]web.Handler { return nil }`, `table()[c.Param("id")](c)`, `index table()[c.Param("id")]`},
	{``, ``, `switch c.Param("id") { }`, "flow switch"},
	{``, ``, `web.Use(c.Param("id")[1:])`, `slice c.Param("id")[1:]`},
	{``, ``, `for _, b := range c.Param("id") { web.Use(b) }`, `flow range c.Param("id")`},
	{``, ``, `web.Use(len(c.Param("id")) % 7)`, `condition len(c.Param("id")) % 7`},
	{``, ``, `if c.IsNew() { }`, `condition c.IsNew()`},
	{``, ``, `is := c.IsNew(); if is { }`, `condition is`},
	{`"strconv"`, ``, `_, err := strconv.Atoi(c.Param("id")); if err != nil { }`, "name strconv.Atoi"},
	{`"encoding/json"`, ``, `var v int; err := json.Unmarshal([]byte(c.Param("id")), &v); if err != nil { }`, "name encoding/json.Unmarshal"},
	{`"errors"`, "var gone = errors.New(\"x\")", `var err error; if errors.Is(err, gone) { }`, "condition errors.Is(err, gone)"},
	{``, "type is struct{}\nfunc (is) Error() string { return \"\" }", `var err *is; if err != nil { }`, "type Error"},
	{``, "type is struct{}\nfunc (is) Error() string { return \"\" }", `var err *is; if err != nil { }`, "condition err != nil"},
	{``, `func again(c *web.Context) { again(c) }`, `again(c)`, "flow again"},
	{``, "func ping(c *web.Context) { pong(c) }\nfunc pong(c *web.Context) { ping(c) }", ``, "flow pong"},
	{``, ``, "back: web.Use(c); goto back", "flow label"},
	{``, ``, `func() { web.Use(c) }()`, "flow call"},
	{``, ``, `defer func() { recover() }()`, "flow defer"},
	{``, ``, `for i := 0; i < 3; i++ { }`, "flow for"},
	{``, ``, `for range 3 { web.Use(c) }`, "flow range 3"},
	// What the request's head says.
	{``, ``, `web.Use(r.Header)`, "mention Header"},
	{``, ``, `web.Use(r.Header.Get("Accept"))`, "mention Header"},
	{``, ``, `web.Use(c.Get("User-Agent"))`, "mention Get"},
	{``, ``, `web.Use(r.UserAgent())`, "mention UserAgent"},
	{``, ``, `web.Use(r.Host)`, "mention Host"},
	{``, ``, `web.Use(r.ContentLength, r.Method)`, "mention ContentLength"},
	{``, ``, `w.Header().Set("Content-Type", c.Param("id"))`, "text Header"},
	{``, ``, `w.Header()["Date"] = nil`, "mention Header"},
	// HTTP by hand.
	{``, ``, `conn, _, _ := w.(http.Hijacker).Hijack(); web.Use(conn)`, "name net/http.Hijacker"},
	{`"net"`, ``, `var n net.Conn; web.Use(n)`, "name net.Conn"},
	{`"net"`, `func take(l net.Listener) { conn, _ := l.Accept(); web.Use(conn) }`, ``, "mention Accept"},
	{`"syscall"`, ``, `syscall.Exec("/x", nil, nil)`, "import syscall"},
	{`"os/exec"`, ``, `web.Use(exec.Command("/x"))`, "import os/exec"},
	{`"unsafe"`, ``, `web.Use(unsafe.Pointer(r))`, "import unsafe"},
	{`"reflect"`, ``, `web.Use(reflect.ValueOf(r))`, "import reflect"},
	{`"runtime/debug"`, ``, `debug.SetGCPercent(-1)`, "import runtime/debug"},
	{`"runtime"`, ``, `runtime.SetFinalizer(c, nil)`, "import runtime"},
	{`"example.org/other"`, ``, `other.Serve()`, "import example.org/other"},
	{`"example.org/web/cache"`, ``, `cache.New()`, "import example.org/web/cache"},
	{`"example.org/web/fast"`, ``, `fast.Serve()`, "import example.org/web/fast"},
	{`"example.org/engine/below"`, ``, `below.Serve()`, "import example.org/engine/below"},
	{`"github.com/valyala/fasthttp"`, ``, `web.Use(fasthttp.StatusOK)`, "import github.com/valyala/fasthttp"},
	{`_ "example.org/other"`, ``, ``, "import _ example.org/other"},
	{`. "example.org/engine"`, ``, `Serve()`, "import . example.org/engine"},
	{`. "strings"`, ``, `web.Use(Fields("x"))`, "import strings"},
	{``, ``, `c.SendFile("x")`, "mention SendFile"},
	{``, ``, `web.Use(kit.ExtraRoutes(100000, kit.Distinct))`, "name bench.lab/kit.ExtraRoutes"},
	// What outlives a request.
	{`"sync"`, ``, `var m sync.Map; web.Use(&m)`, "import sync"},
	{`"sync/atomic"`, ``, `var p atomic.Pointer[string]; web.Use(&p)`, "import sync/atomic"},
	{`"time"`, ``, `web.Use(time.Now())`, "name time.Now"},
	{`"time"`, ``, `time.AfterFunc(1, nil)`, "name time.AfterFunc"},
	{``, ``, `n := 0; web.Use(func() { n++ })`, "state n"},
	{``, ``, `n := 0; web.Use(func() { n += 1 })`, "state n"},
	{``, ``, `var kept string; web.Use(kept, func() { kept = "x" })`, "state kept"},
	{``, ``, `kept := "x"; web.Use(func() { web.Use(kept) })`, "state kept"},
	{``, ``, `kept := []byte("x"); web.Use(func() { web.Use(kept) })`, "state kept"},
	{``, ``, `kept := map[string]string{}; web.Use(func() { kept["x"] = "y" })`, `state kept["x"]`},
	{``, `type box struct{ body string }`, `kept := &box{}; web.Use(func() { kept.body = "y" })`, `state kept.body`},
	{``, `type box struct{ body string }`, `kept := box{}; keep := func() { web.Use(kept.body) }; web.Use(keep)`, `state kept`},
	{``, "type box struct{ body string }\nfunc keep(b *box) { b.body = \"x\" }", ``, "state b.body"},
	{``, `func keep(b *string) { *b = "x" }`, ``, "state *b"},
	{``, `type box struct{ kept chan string }`, ``, "type box"},
	{``, `type box struct{ http.ResponseWriter }`, ``, "type box"},
	{``, `type box [1 << 20]byte`, ``, "type box"},
	{``, `type box interface{ Answer() []byte }`, ``, "type box"},
	{``, `type box[T any] struct{ body string }`, ``, "type box"},
	{``, `func keep[T any](t T) {}`, ``, "type keep"},
	{``, "type box struct{ body string }\nfunc (b *box) MarshalJSON() ([]byte, error) { return nil, nil }", ``, "type MarshalJSON"},
	{``, "type box struct{ body string }\nfunc (b *box) String() string { return b.body }", ``, "type String"},
	{``, "type box struct{ body string }\nfunc (b *box) Read(p []byte) (int, error) { return 0, nil }", ``, "type Read"},
	{``, "type box struct {\n\tbody string `json:\"message,omitzero\"`\n}", ``, "literal `json:\"message,omitzero\"`"},
	{``, ``, `c.State().Keep("x", "y")`, "mention State"},
	{``, ``, `web.Use(c.Value("x"))`, "text Value"},
	{``, ``, `web.Kept = []byte("x")`, "state web.Kept"},
	{``, ``, `web.Use(web.Kept)`, "text Kept"},
	{``, ``, `router := web.New(); web.Use(func() { router.Use(nil) })`, "state router"},
	{``, `func keep(router *web.Router) web.Handler { return func(c *web.Context) { router.Use(nil) } }`, ``, "state router"},
	{``, `func keep(next http.Handler) web.Handler { next = nil; return func(c *web.Context) { web.Use(next) } }`, ``, "state next"},
	{``, `func keep(next func() []byte) web.Handler { return func(c *web.Context) { web.Use(next()) } }`, ``, "state next"},
	{``, ``, `kept := make(chan string, 1); kept <- "x"`, "flow channel"},
	{``, ``, `kept := make(chan string, 1); web.Use(<-kept)`, "type kept"},
	{``, ``, `go web.Use(r)`, "flow go"},
	{``, ``, `web.Use(make([]byte, 1<<25))`, "name make"},
	{``, ``, `web.Use(new([1 << 25]byte))`, "name new"},
	{``, ``, `var big [1 << 25]byte; web.Use(&big)`, "type big"},
	{``, ``, `web.Use(append([]byte("x"), "y"...))`, "name append"},
	{`"bytes"`, ``, `var b bytes.Buffer; b.Grow(1 << 25)`, "name bytes.Buffer"},
	// The message.
	{``, ``, `kept := kit.Message(); c.JSON(200, kept)`, "message kept"},
	{``, ``, `c.String(200, kit.Message().Message)`, "message kit.Message().Message"},
	{``, ``, `if kit.Message() == (kit.Reply{}) { }`, "message kit.Message() == (kit.Reply{})"},
	{``, ``, `web.Use(kit.Message())`, "message kit.Message()"},
	{``, ``, `web.Use(kit.Message)`, "message Message"},
	{``, ``, `c.PureJSON(200, kit.Message())`, "message kit.Message()"},
	{``, ``, `body, _ := web.Marshal(kit.Message()); c.Bytes(200, body)`, "undeclared Marshal"},
	{`"encoding/json"`, `func made(options kit.Options) []byte { body, _ := json.Marshal(kit.Message()); return body }`, ``, "message made"},
	{`"encoding/json"`, `func made() []byte { body, _ := json.Marshal(kit.Message()); return body }`, `web.Use(made())`, "message made"},
	// What is set and not declared.
	{``, `func setUp(options kit.Options) { web.New().Fast = true }`, ``, "undeclared Fast"},
	{``, `func setUp(options kit.Options) { web.Use(web.Router{Fast: true}) }`, ``, "undeclared Fast"},
	{``, `func setUp(options kit.Options) { web.New(web.WithFast(true)) }`, ``, "undeclared WithFast"},
	{``, `func setUp(options kit.Options) { web.New().SkipClean(true) }`, ``, "undeclared SkipClean"},
	{``, `func setUp(options kit.Options) { web.New(web.Unsafe) }`, ``, "undeclared Unsafe"},
	{``, `func setUp(options kit.Options) { set := web.WithFast; web.Use(set) }`, ``, "undeclared WithFast"},
	{``, `func setUp(options kit.Options) { set := web.WithFast; web.New(set(true)) }`, ``, "flow call"},
	{``, `type likeness struct{ Message string }`, ``, "message struct{Message string}"},
	{``, `func setUp(options kit.Options) { web.New().Router("fast") }`, ``, "undeclared Router"},
	{``, `func setUp(options kit.Options) { web.New(web.Strict(false)) }`, ``, "undeclared Strict"},
	{``, ``, `web.SetMode(1)`, "undeclared SetMode"},
	{``, ``, `web.Mode = 1`, "state web.Mode"},
	// What an error would tell.
	{`"net/url"`, ``, `_, err := url.PathUnescape("%" + c.Param("id")); if err != nil { }`, "text PathUnescape"},
	{`"net/url"`, ``, `id := "%" + c.Param("id"); _, err := url.PathUnescape(id); if err != nil { }`, "text PathUnescape"},
	{``, ``, `_, err := c.Number("id"); if err != nil { }`, "condition err != nil"},
	{``, `func number(c *web.Context) error { _, err := c.Number("id"); return err }`, `err := number(c); if err != nil { }`, "condition err != nil"},
	{`"net/url"`, ``, `id := c.Param("id"); id, _ = url.PathUnescape(id); id, _ = url.PathUnescape("%" + id)`, "text PathUnescape"},
	// Answers that are made ahead.
	{``, `func setUp(options kit.Options) { web.Use([]byte(kit.Plaintext)) }`, ``, "text Plaintext"},
	{``, `func setUp(options kit.Options) { web.Use(kit.Blob()) }`, ``, "text Blob"},
	{``, `func setUp(options kit.Options) { for _, route := range options.Routes { web.Use(route.Body) } }`, ``, "text Body"},
	{``, "const answer = \"" + strings.Repeat("x", 1024) + "\"", ``, "literal of 1024 bytes"},
	// The options of somebody else.
	{``, ``, `options := kit.Options{Name: c.Param("id")}; if options.Name == "json" { }`, "type kit.Options"},
	{``, `func late(options kit.Options, c *web.Context) { c.Fast = true }
func setUp(options kit.Options) { web.New().GET("/json", func(c *web.Context) { late(options, c) }) }`, ``, "state c.Fast"},
	// Named only.
	{``, ``, `_ = web.New()`, "unused web.New()"},
	{``, ``, `if r.Method == "POST" { }`, `condition r.Method == "POST"`},
	// Declarations.
	{``, "var pressed = []byte(`{}`)", ``, "state pressed"},
	{``, "var a, b = 1, 2", ``, "state b"},
	{``, "var _ = web.New", ``, "state _"},
	{``, "func init() { }", ``, "init"},
	{`_ "unsafe"`, "//go:linkname f runtime.f\nfunc f() { }", ``, "directive go:linkname"},
	{``, "//go:noinline\nfunc f() { }", ``, "directive go:noinline"},
	{``, "func (h *own) ServeHTTP(w http.ResponseWriter, r *http.Request) { }\ntype own struct{}", ``, "mention ServeHTTP"},
}

func TestCheatsAreFoundByTheirKind(t *testing.T) {
	for i, findings := range found(t, web, cheats) {
		if c := cheats[i]; !hasKey(findings, c.key) {
			t.Errorf("%s %s %s\ngives %q, want %q.", c.imports, c.declares, c.does, findings, c.key)
		}
	}
}

func TestWhatServersOfFrameworksDoIsNotFound(t *testing.T) {
	const settings = "Fast = true, WithFast(true)"
	honest := []one{
		{does: `if r.URL.RawPath == "" { return }`},
		{does: `// if r.URL.Path == "/json" { }`},
		{does: `body, err := c.Body(); if err != nil { http.Error(w, err.Error(), http.StatusBadRequest); return }; c.Bytes(200, body)`},
		{imports: `"errors"`, does: `body, err := c.Body(); var large *http.MaxBytesError; if errors.As(err, &large) { return }; c.Bytes(200, body)`},
		{does: `c.String(200, c.Param("id")+"/"+c.Param("slug"))`},
		{does: `c.String(200, c.Params["id"]+"/"+c.UserValue("slug").(string))`},
		{declares: `func read(c *web.Context, name string) string { return c.Param(name) }`, does: `c.String(200, read(c, "id"))`},
		{does: `w.Header().Set("Content-Type", "text/plain; charset=utf-8"); w.Write([]byte(kit.Plaintext))`},
		{does: `c.Response.Header.Set("Content-Type", "application/octet-stream"); c.Response.Status = 404`},
		{does: `r.Body = http.MaxBytesReader(w, r.Body, kit.EchoLimit)`},
		{does: `c.JSON(200, kit.Message())`},
		{imports: `"encoding/json"`, does: `json.NewEncoder(w).Encode(kit.Message())`},
		{declares: `func message(c *web.Context) (kit.Reply, error) { return kit.Message(), nil }`},
		{declares: `func pass(next http.Handler) http.Handler { return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r) }) }`},
		{imports: `"time"`, declares: `func spin(next web.Handler, d time.Duration) web.Handler { return func(c *web.Context) { kit.Spin(d); next(c) } }`},
		{declares: `func setUp(options kit.Options, router *web.Router) {
	router.Fast = true
	if options.Spin > 0 {
		router.Use(func(c *web.Context) { kit.Spin(options.Spin) })
	}
	for range options.Middleware {
		router.Use(func(c *web.Context) { c.Next() })
	}
	for _, route := range options.Routes {
		router.GET(route.Path, func(c *web.Context) { c.String(200, route.Body) })
	}
	router.GET("/user/:id/post/:slug", nil)
	web.Use(web.New(web.WithFast(true)))
}`},
	}
	rules := web
	rules.Settings = settings
	for i, findings := range found(t, rules, honest) {
		if len(findings) != 0 {
			t.Errorf("%s %s\ngives %q.", honest[i].declares, honest[i].does, findings)
		}
	}
}

func TestWhatIsSetToSomethingElseThanIsDeclaredIsTold(t *testing.T) {
	rules := web
	rules.Settings = "Router.Fast = true; WithFast(true), Mode = 2, while Calm stays"
	all := []one{
		{``, `func setUp(options kit.Options) { web.New().Fast = true }`, ``, ""},
		{``, `func setUp(options kit.Options) { web.New().Fast = false }`, ``, "undeclared Fast"},
		{``, `func setUp(options kit.Options) { web.Use(web.Router{Fast: false}) }`, ``, "undeclared Fast"},
		{``, `func setUp(options kit.Options) { web.Use(web.New(web.WithFast(true))) }`, ``, ""},
		{``, `func setUp(options kit.Options) { web.Use(web.New(web.WithFast(false))) }`, ``, "undeclared WithFast"},
		{``, `func setUp(options kit.Options) { web.Mode = 1 + 1 }`, ``, ""},
		{``, `func setUp(options kit.Options) { web.Mode = 3 }`, ``, "undeclared Mode"},
		// Named among words, with no value.
		{``, `func setUp(options kit.Options) { web.Use(web.Router{Calm: false}) }`, ``, "undeclared Calm"},
		{``, `func setUp(options kit.Options) { web.Use(web.Router{Calm: true}) }`, ``, ""},
	}
	for i, findings := range found(t, rules, all) {
		c := all[i]
		if c.key == "" && len(findings) != 0 || c.key != "" && !hasKey(findings, c.key) {
			t.Errorf("%s\ngives %q, want %q.", c.declares, findings, c.key)
		}
	}
}

func TestWhatStartsAServerIsNoHandler(t *testing.T) {
	honest := "package main\n\nimport (\n\t\"context\"\n\t\"net\"\n\t\"sync/atomic\"\n\n\t\"bench.lab/kit\"\n\t\"example.org/web\"\n)\n\n" + `func main() {
	options := kit.Setup("x")
	var running atomic.Pointer[web.Router]
	stopped := make(chan struct{})
	kit.Run(options, kit.Server{
		Serve: func(listener net.Listener) error {
			defer close(stopped)
			running.Store(web.New())
			return running.Load().Serve(listener)
		},
		Shutdown: func(bounded context.Context) error {
			if server := running.Load(); server != nil {
				return server.Shutdown(bounded)
			}
			select {
			case <-stopped:
				return nil
			case <-bounded.Done():
				return bounded.Err()
			}
		},
	})
}
`
	if findings := lookIn(t, web, map[string]string{"main.go": honest}); len(findings) != 0 {
		t.Errorf("An honest main gives %q.", findings)
	}
	for with, key := range map[string]string{
		"web.New().GET(\"/json\", func(c *web.Context) { c.Next() })": "type func *example.org/web.Context",
		"var kept atomic.Pointer[[]byte]; web.Use(&kept)":             "type kept",
		"var kept atomic.Pointer[web.State]; web.Use(&kept)":          "type kept",
		"kept := make(chan []byte, 1); web.Use(kept)":                 "type kept",
		"go web.Use(options)":                                         "flow go",
		"net.Dial(\"udp\", \"\")":                                     "name net.Dial",
	} {
		text := strings.Replace(honest, "\tstopped := ", "\t"+with+"\n\tstopped := ", 1)
		if findings := lookIn(t, web, map[string]string{"main.go": text}); !hasKey(findings, key) {
			t.Errorf("%s\ngives %q, want %q.", with, findings, key)
		}
	}
}

func TestAnOptionThatDoesNothingForWhatIsServedIsTold(t *testing.T) {
	rules := web
	rules.Supports = "middleware"
	for body, right := range map[string]bool{
		`for range options.Middleware { router.Use(pass) }`: true,
		``:                                 false,
		`for range options.Middleware { }`: false,
		`spare := web.New(); for range options.Middleware { spare.Use(pass) }`: false,
	} {
		if findings := lookIn(t, rules, routed(body)); hasKey(findings, "unused middleware") == right {
			t.Errorf("%s\ngives %q.", body, findings)
		}
	}
}

func TestABareConstructorIsToldWithoutWhatItLeavesOut(t *testing.T) {
	bare["example.org/web.New"] = []string{"example.org/web.Recovery"}
	defer delete(bare, "example.org/web.New")
	for body, right := range map[string]bool{
		`router.Use(web.Recovery())`: true,
		``:                           false,
		`spare := web.New(); spare.Use(web.Recovery())`: false,
		`web.Use(web.Recovery())`:                       false,
	} {
		if findings := lookIn(t, web, routed(body)); hasKey(findings, "undeclared example.org/web.New") == right {
			t.Errorf("%s\ngives %q.", body, findings)
		}
	}
}

func TestAWayPastTheFrameworksOwnIsTold(t *testing.T) {
	ways[web.Module] = set("GET Use")
	served[web.Module] = true
	defer delete(ways, web.Module)
	defer delete(served, web.Module)
	for body, key := range map[string]string{
		`router.Use(pass)`:           "",
		`router.POST("/echo", pass)`: "undeclared POST",
	} {
		if findings := lookIn(t, web, routed(body)); key == "" && len(findings) != 0 || key != "" && !hasKey(findings, key) {
			t.Errorf("%s\ngives %q.", body, findings)
		}
	}
	files := routed("")
	files["main.go"] = "package main\n\nimport (\n\t\"net/http\"\n\n\t\"bench.lab/kit\"\n\t\"bench.lab/x/app\"\n)\n\n" +
		"func main() {\n\toptions := kit.Setup(\"x\")\n\tserver := &http.Server{Handler: app.New(options)}\n\tkit.Run(options, kit.Server{Serve: server.Serve, Shutdown: server.Shutdown})\n}\n"
	if findings := lookIn(t, web, files); !hasKey(findings, "name net/http.Server") {
		t.Errorf("Another server in the place of the framework's gives %q.", findings)
	}
	delete(served, web.Module)
	if findings := lookIn(t, web, files); len(findings) != 0 {
		t.Errorf("A framework without a server gives %q.", findings)
	}
}

func TestASettingThatIsDeclaredAndNotMadeIsTold(t *testing.T) {
	rules := web
	rules.Settings = "router.Gone(), web.New()"
	if findings := lookIn(t, rules, routed("")); !hasKey(findings, "unused Gone") || hasKey(findings, "unused New") {
		t.Errorf("The findings are %q.", findings)
	}
}

func TestADefaultThatNobodySetsOtherwiseIsTold(t *testing.T) {
	needs[web.Module] = set("Recovery Unsafe")
	defer delete(needs, web.Module)
	for body, right := range map[string]bool{`router.Use(web.Recovery())`: true, ``: false} {
		if findings := lookIn(t, web, routed(body)); hasKey(findings, "undeclared "+web.Module) == right {
			t.Errorf("%s\ngives %q.", body, findings)
		}
	}
}

func TestAFindingHasItsPlace(t *testing.T) {
	findings := found(t, web, []one{{does: "\n\tweb.Use(r.URL)"}})[0]
	want := "c0/app.go:13\tmention URL\tr.URL: a request's target, head and connection, and what is kept for later, are its router's and its engine's"
	if len(findings) != 1 || findings[0].String() != want {
		t.Errorf("The findings are %q, want %q.", findings, want)
	}
}

func TestAnEngineParsesByItselfAndNoMore(t *testing.T) {
	raw := Rules{Module: "example.org/web", Engine: true, EngineModule: "example.org/engine"}
	all := []one{
		{`"strings"`, ``, `switch string(c.Path()) { case "/json": }; if strings.HasPrefix(r.RequestURI, "/") { web.Use(r.Header) }`, ""},
		{`"encoding/json"`, `type box struct{ reply kit.Reply }`, `b := &box{}; b.reply = kit.Reply{}; json.NewEncoder(w).Encode(kit.Message())`, ""},
		{`"os/exec"`, ``, `exec.Command("/x")`, "import os/exec"},
		{`"unsafe"`, ``, `web.Use(unsafe.Pointer(r))`, "import unsafe"},
		{`"runtime/debug"`, ``, `debug.SetGCPercent(-1)`, "import runtime/debug"},
		{`"net"`, ``, `net.Dial("udp", "")`, "name net.Dial"},
		{`"sync"`, ``, `var m sync.Map; web.Use(&m)`, "name sync.Map"},
		{`"time"`, ``, `time.AfterFunc(1, nil)`, "name time.AfterFunc"},
		{``, ``, `go web.Use(r)`, "flow go"},
		{``, ``, `kept := map[kit.Reply][]byte{}; web.Use(kept)`, "message map[kit.Reply][]byte"},
		{``, ``, `kept := map[any][]byte{}; web.Use(kept)`, "message map[any][]byte"},
		{``, ``, `web.Use([]byte(kit.Message().Message))`, "message kit.Message().Message"},
		{``, ``, `var a, b kit.Reply; if a == b { }`, "message a == b"},
		{``, ``, `var a, b any; if a == b { }`, "message a == b"},
		{`"fmt"`, ``, `web.Use(fmt.Sprintf("%v", kit.Message()))`, "message kit.Message()"},
		{``, ``, `var a, b [1]kit.Reply; if a == b { }`, "message a == b"},
		{``, ``, `var a, b kit.Reply; switch a { case b: }`, "message a"},
		{``, `func same[T comparable](a, b T) bool { return a == b }`, ``, "message a == b"},
		{`"slices"`, ``, `var a kit.Reply; web.Use(slices.Contains([]kit.Reply{a}, a))`, "message slices.Contains([]kit.Reply{…}, a)"},
		{`"fmt"`, `type box struct{ reply kit.Reply }`, `web.Use(fmt.Sprintf("%v", &box{}))`, "message fmt.Sprintf(\"%v\", &box{})"},
		{``, `type likeness struct { Message string }`, `web.Use(likeness(kit.Message()))`, "message likeness(kit.Message())"},
		{``, `func set() { web.New().Fast = true }`, ``, "undeclared Fast"},
		{``, `func set() { web.New(web.WithFast(true)) }`, ``, "undeclared WithFast"},
	}
	for i, findings := range found(t, raw, all) {
		c := all[i]
		if c.key == "" && len(findings) != 0 || c.key != "" && !hasKey(findings, c.key) {
			t.Errorf("%s %s\ngives %q, want %q.", c.imports, c.does, findings, c.key)
		}
	}
}

func TestWhatIsCompiledIsLookedAtWhereverItLies(t *testing.T) {
	looks := "package app\n\nimport \"example.org/web\"\n\nfunc F(c *web.Context) { web.Use(c.Path()) }\n"
	uses := func(path string) string {
		return "package main\n\nimport \"bench.lab/x/" + path + "\"\n\nfunc main() { app.F(nil) }\n"
	}
	for name, want := range map[string][]string{
		"app/testdata": {"file app/testdata", "mention Path"},
		"_app":         {"file _app", "mention Path"},
		"app":          {"mention Path"},
	} {
		findings := lookIn(t, web, map[string]string{"main.go": uses(name), name + "/app.go": looks, name + "/go.mod/x": ""})
		for _, key := range want {
			if !hasKey(findings, key) {
				t.Errorf("%s gives %q, want %q.", name, findings, key)
			}
		}
	}
	place := modules(t)
	x := func(name string) string { return filepath.Join(place, "x", name) }
	write(t, place, map[string]string{"beside/app.go": looks, "x/main.go": uses("app"), "file.go": "package main\n\nfunc g() {}\n",
		"x/other_windows.go": "package main\n", "x/app_test.go": "package main\n", "x/_old.go": "no go"})
	for _, err := range []error{
		os.Symlink("../beside", x("app")),
		os.Symlink("../file.go", x("file.go")),
		os.Symlink("user@host.1:2", x(".#main.go")),
		os.Symlink("nothing", x("gone.txt")),
		os.Mkdir(x("vendor"), 0o700),
		os.WriteFile(x("fast_amd64.s"), nil, 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	findings, err := Look(web, []string{x("")})
	if err == nil {
		for _, key := range []string{"file app", "file file.go", "file other_windows.go", "file vendor", "file fast_amd64.s", "mention Path"} {
			if !hasKey(findings, key) {
				t.Errorf("%s is not told:\n%s", key, keys(findings))
			}
		}
	} else {
		t.Error(err)
	}
}

func TestAModuleThatIsNotUsedIsTold(t *testing.T) {
	findings := lookIn(t, web, map[string]string{"main.go": "package main\n\nfunc main() {}\n"})
	if !hasKey(findings, "unused example.org/web") {
		t.Errorf("A module that is not used gives %q.", findings)
	}
}

func TestAVersionThatNobodyElseAsksForIsTold(t *testing.T) {
	kit, _ := filepath.Abs("../../frameworks/kit")
	main := "package main\n\nimport \"example.org/web\"\n\nfunc main() { web.Use(web.Name()) }\n"
	newer := map[string]string{"main.go": main, "go.mod": serverModule(kit, "v1.1.0")}
	if findings := lookIn(t, web, newer); !hasKey(findings, "version example.org/engine@v1.1.0") {
		t.Errorf("A newer engine gives %q.", findings)
	}
	declared := web
	declared.Settings = "example.org/engine v1.1.0"
	commit := map[string]string{"main.go": main, "go.mod": serverModule(kit, "v1.0.1-0.20260101000000-0123456789ab")}
	if findings := lookIn(t, declared, newer); hasKey(findings, "version example.org/engine@v1.1.0") {
		t.Errorf("A newer engine that is declared gives %q.", findings)
	}
	compared := web
	compared.Replaced = true
	if findings := lookIn(t, compared, newer); hasKey(findings, "version example.org/engine@v1.1.0") {
		t.Errorf("A newer engine of one side of a comparison gives %q.", findings)
	}
	if findings := lookIn(t, web, commit); !hasKey(findings, "version example.org/engine@v1.0.1-0.20260101000000-0123456789ab") {
		t.Errorf("A commit gives %q.", findings)
	}
}

func TestAVariantIsLookedAtWithItsFramework(t *testing.T) {
	place := modules(t)
	kit, _ := filepath.Abs("../../frameworks/kit")
	module := strings.ReplaceAll(serverModule(kit, "v1.0.0"), "=> ../", "=> ../../../")
	module = strings.Replace(module, "module bench.lab/x", "module bench.lab/x/variants/v", 1)
	write(t, place, map[string]string{
		"x/app/app.go":         one{does: `web.Use(r.URL)`}.source(),
		"x/variants/v/go.mod":  module + "\nrequire bench.lab/x v0.0.0\n\nreplace bench.lab/x => ../..\n",
		"x/variants/v/main.go": "package main\n\nimport (\n\t\"bench.lab/kit\"\n\t\"bench.lab/x/app\"\n)\n\nfunc main() { app.New(kit.Setup(\"v\")) }\n",
	})
	findings, err := Look(web, []string{filepath.Join(place, "x/variants/v"), filepath.Join(place, "x")})
	if err != nil || len(findings) != 1 || findings[0].Place != "x/app/app.go:12" || !hasKey(findings, "mention URL") {
		t.Errorf("The findings are %q and %v.", findings, err)
	}
}

func TestAFileThatIsNotGoIsAnError(t *testing.T) {
	place := modules(t)
	write(t, place, map[string]string{"x/main.go": "package main\n\nfunc {"})
	_, err := Look(web, []string{filepath.Join(place, "x")})
	if err == nil || !strings.Contains(err.Error(), "main.go:3") {
		t.Errorf("The error is %v, want one that names main.go:3.", err)
	}
}
