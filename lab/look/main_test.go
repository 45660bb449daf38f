package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// folder makes a server's module of some files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	files["go.mod"] = "module bench.lab/x\n"
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func lookIn(t *testing.T, rules Rules, files map[string]string) []Finding {
	t.Helper()
	findings, err := Look(rules, []string{folder(t, files)})
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

var web = Rules{Module: "example.org/web", EngineModule: "example.org/engine"}

// app is an app.go on the framework `web`, with more imports and with statements in a handler
// that starts on line 10 where there is one more import.
func app(imports, body string) map[string]string {
	return map[string]string{"app/app.go": "package app\n\nimport (\n" + imports + "\n\t\"net/http\"\n\n\t\"example.org/web\"\n)\n\nfunc h(w http.ResponseWriter, r *http.Request, c *web.Context) {\n" + body + "\n}\n"}
}

func hasKey(findings []Finding, key string) bool {
	for _, f := range findings {
		if f.Key == key {
			return true
		}
	}
	return false
}

func TestCheatsAreFoundByTheirKind(t *testing.T) {
	for _, c := range []struct{ imports, body, key string }{
		// The path, by whatever way.
		{``, `switch r.URL.Path { case "/json": }`, "mention Path"},
		{``, `u := r.URL; use(u)`, "mention URL"},
		{`"fmt"`, `use(fmt.Sprint(r))`, "import fmt"},
		{``, `route(r.RequestURI)`, "mention RequestURI"},
		{``, `use(c.Path())`, "mention Path"},
		{``, `use(c.OriginalURL())`, "mention OriginalURL"},
		{``, `use(c.Request.Header.RequestURI())`, "mention RequestURI"},
		{``, `use(r.Pattern)`, "mention Pattern"},
		{``, `use(struct{ *http.Request }{r}.URL)`, "mention URL"},
		{``, `get := (*web.Context).FullPath; use(get)`, "mention FullPath"},
		{``, "switch /* a router */ r.URL.\nPath { case \"/json\": }", "mention Path"},
		// A router of its own, or all of a router's routes.
		{``, `mux := http.NewServeMux(); use(mux)`, "name net/http.NewServeMux"},
		{``, `router.GET("/*all", h)`, `literal "/*all"`},
		{``, `mux.Handle("/{rest...}", h)`, `literal "/{rest...}"`},
		{``, `if c.Param("id") == "json" { }`, `condition c.Param("id") == "json"`},
		{``, `table[c.Param("id")](w)`, `index table[c.Param("id")]`},
		{``, `switch c.Param("id") { }`, "flow switch"},
		{``, `use(c.Param("id")[1:])`, `slice c.Param("id")[1:]`},
		{``, `for _, b := range c.Param("id") { use(b) }`, `flow range c.Param("id")`},
		{``, `use(len(c.Param("id")) % 7)`, `condition len(c.Param("id")) % 7`},
		// What the request's head says.
		{``, `use(r.Header)`, "mention Header"},
		{``, `use(r.Header.Get("Accept"))`, "mention Header"},
		{``, `use(c.Get("User-Agent"))`, "mention Get"},
		{``, `use(r.UserAgent())`, "mention UserAgent"},
		{``, `use(r.Host)`, "mention Host"},
		// HTTP by hand.
		{``, `conn, _, _ := w.(http.Hijacker).Hijack(); use(conn)`, "mention Hijack"},
		{`"net"`, `var c net.Conn; use(c)`, "name net.Conn"},
		{``, `conn, _ := listener.Accept(); use(conn)`, "mention Accept"},
		{``, `use(web.Server{ConnContext: f})`, "mention ConnContext"},
		{`"syscall"`, `syscall.Exec("/x", nil, nil)`, "import syscall"},
		{`"os/exec"`, `exec.Command("/x")`, "import os/exec"},
		{`"unsafe"`, `use(unsafe.Pointer(r))`, "import unsafe"},
		{`"reflect"`, `use(reflect.ValueOf(r))`, "import reflect"},
		{`"runtime/debug"`, `debug.SetGCPercent(-1)`, "import runtime/debug"},
		{`"example.org/other"`, `other.Serve()`, "import example.org/other"},
		{`"example.org/web/middleware/cache"`, `use(cache.New())`, "import example.org/web/middleware/cache"},
		{`_ "example.org/other"`, ``, "import _ example.org/other"},
		{`. "example.org/web/x"`, ``, "import . example.org/web/x"},
		{`"bench.lab/kit/kittest"`, `use(kittest.X)`, "import bench.lab/kit/kittest"},
		// What outlives a request.
		{`"sync"`, `var m sync.Map; use(m)`, "import sync"},
		{`"time"`, `use(time.Now())`, "name time.Now"},
		{``, `use(func() { n++ })`, "state n"},
		{``, `use(func() { n += 1 })`, "state n"},
		{``, `var kept string; use(func() { kept = "x" })`, "state kept"},
		{``, `kept := map[string]string{}; use(func() { kept["x"] = "y" })`, `state kept["x"]`},
		{``, `kept := &box{}; use(func() { kept.body = "y" })`, `state kept.body`},
		{``, `kept <- "x"`, "flow channel"},
		{``, `use(<-kept)`, "flow channel"},
		{``, `go use(r)`, "flow go"},
		// Named only.
		{``, `_ = web.New()`, "unused web.New()"},
		{``, `if r.Method == "POST" { }`, `condition r.Method == "POST"`},
	} {
		findings := lookIn(t, web, app(c.imports, c.body))
		if !hasKey(findings, c.key) {
			t.Errorf("%s %s\ngives %q, want %q.", c.imports, c.body, findings, c.key)
		}
	}
}

func TestDeclarationsThatOutliveARequestAreFound(t *testing.T) {
	for text, key := range map[string]string{
		"var pressed = []byte(`{}`)":                    "state pressed",
		"var a, b = 1, 2":                               "state b",
		"var _ = web.New":                               "state _",
		"func init() { }":                               "init",
		"func fast(p *byte)":                            "body fast",
		"//go:linkname fast runtime.fast\nfunc f() { }": "directive go:linkname",
		"//go:embed answers\nconst x = 1":               "directive go:embed",
		"func (l listener) Accept() (c web.C, err error) { return }": "mention Accept",
		"func (h *own) ServeHTTP(w web.W) { }":                       "mention ServeHTTP",
	} {
		text = "package app\n\nimport \"example.org/web\"\n\n" + text + "\n"
		if findings := lookIn(t, web, map[string]string{"app/app.go": text}); !hasKey(findings, key) {
			t.Errorf("%s\ngives %q, want %q.", text, findings, key)
		}
	}
}

func TestAFindingHasItsPlace(t *testing.T) {
	findings := lookIn(t, web, app(``, "\n\tuse(r.URL)"))
	want := "app/app.go:12\tmention URL\tr.URL: a request's target, head and connection are its router's and its engine's"
	if len(findings) != 1 || findings[0].String() != want {
		t.Errorf("The findings are %q, want %q.", findings, want)
	}
}

func TestWhatServersOfFrameworksDoIsNotFound(t *testing.T) {
	for _, body := range []string{
		`router.GET(route.Path, func(c *web.Context) { c.String(200, route.Body) })`,
		`mux.HandleFunc("GET "+route.Path, plaintext)`,
		`mux.HandleFunc("GET /user/{id}/post/{slug}", plaintext)`,
		`if r.URL.RawPath == "" { return }`,
		`// if r.URL.Path == "/json" { }`,
		`if options.Spin > 0 { router.Use(spin) }`,
		`for range options.Middleware { router.Use(pass) }`,
		`if err != nil { http.Error(w, err.Error(), http.StatusBadRequest); return }`,
		`use(vars["id"]+"/"+vars["slug"])`,
		`w.Header().Set("Content-Type", plain)`,
		`c.Response.Header.Set("Content-Type", "text/plain; charset=utf-8")`,
		`handler = pass(handler)`,
		`use(func() { err := f(); use(err) })`,
		`use(10 << 20)`,
	} {
		body = "var err error\nvar handler http.Handler\n" + body
		if findings := lookIn(t, web, app(``, body)); len(findings) != 0 {
			t.Errorf("%s\ngives %q.", body, findings)
		}
	}
}

func TestAnEngineParsesByItselfAndNoMore(t *testing.T) {
	raw := Rules{Module: "example.org/web", Engine: true}
	free := `switch string(c.Path()) { case "/json": }; if strings.HasPrefix(r.RequestURI, "/") { use(r.Header) }`
	if findings := lookIn(t, raw, app(`"strings"`, free)); len(findings) != 0 {
		t.Errorf("An engine may not: %q.", findings)
	}
	for _, c := range []struct{ imports, key string }{
		{`"os/exec"`, "import os/exec"}, {`"unsafe"`, "import unsafe"}, {`"runtime/debug"`, "import runtime/debug"},
	} {
		if findings := lookIn(t, raw, app(c.imports, ``)); !hasKey(findings, c.key) {
			t.Errorf("%s gives %q.", c.imports, findings)
		}
	}
}

func TestFilesThatAreNoGoAndModulesInTheFolderAreTold(t *testing.T) {
	files := app(``, ``)
	files["app/fast_amd64.s"] = ""
	files["vendor/modules.txt"] = ""
	files["variants/other/go.mod"] = "module bench.lab/other\n"
	files["variants/other/main.go"] = "package main\n\nimport \"os/exec\"\n"
	findings := lookIn(t, web, files)
	if len(findings) != 2 || !hasKey(findings, "file app/fast_amd64.s") || !hasKey(findings, "file vendor") {
		t.Errorf("The findings are %q.", findings)
	}
	unused := lookIn(t, web, map[string]string{"main.go": "package main\n"})
	if !hasKey(unused, "unused example.org/web") {
		t.Errorf("A module that is not used gives %q.", unused)
	}
}

func TestAVariantIsLookedAtWithItsFramework(t *testing.T) {
	framework := folder(t, app(``, `use(r.URL)`))
	variant := folder(t, map[string]string{"main.go": "package main\n\nimport \"bench.lab/x/app\"\n"})
	findings, err := Look(web, []string{variant, framework})
	if err != nil || len(findings) != 1 || !hasKey(findings, "mention URL") {
		t.Errorf("The findings are %q and %v.", findings, err)
	}
}

func TestWhatGoNeverCompilesIsPassedBy(t *testing.T) {
	looks := app(``, `use(r.URL)`)["app/app.go"]
	folder := folder(t, map[string]string{"app.go": looks, "_app.go": looks, "app_test.go": looks, "testdata/x.go": looks})
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, err := range []error{
		os.Symlink("user@host.1:2", at(".#app.go")),
		os.Symlink("nothing", at("gone.go")),
		syscall.Mkfifo(at("pipe.go"), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	findings, err := Look(web, []string{folder})
	if err != nil || len(findings) != 1 || !strings.HasPrefix(findings[0].Place, "app.go:") {
		t.Errorf("Looking gives %q and %v, want one finding in app.go.", findings, err)
	}
}

func TestAFileThatIsNotGoIsAnError(t *testing.T) {
	_, err := Look(web, []string{folder(t, map[string]string{"app.go": "package app\n\nfunc {"})})
	if err == nil || !strings.Contains(err.Error(), "app.go:3") {
		t.Errorf("The error is %v, want one that names app.go:3.", err)
	}
}
