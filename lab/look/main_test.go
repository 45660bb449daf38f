package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func lookIn(t *testing.T, body string) []string {
	t.Helper()
	source := "package app\n\nfunc handler(w W, r *R) {\n" + body + "\n}\n"
	findings, err := lookAt("app.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func TestLooksAtThePathAreFound(t *testing.T) {
	for body, want := range map[string]string{
		`switch r.URL.Path { case "/json": }`:                       "app.go:4: r.URL.Path is switched on",
		`switch path := string(ctx.Path()); path { case "/json": }`: "app.go:4: path is switched on",
		`switch { case r.URL.Path == "/json": }`:                    "app.go:4: r.URL.Path is compared",
		`if "/json" == r.URL.Path { }`:                              "app.go:4: r.URL.Path is compared",
		`if r.RequestURI != "/json" { }`:                            "app.go:4: r.RequestURI is compared",
		`if strings.HasPrefix(r.URL.Path, "/user/") { }`:            "app.go:4: r.URL.Path is handed to strings.HasPrefix",
		`if bytes.Equal(ctx.Path(), json) { }`:                      "app.go:4: ctx.Path() is handed to bytes.Equal",
		`if string(ctx.Request.URI().Path()) == "/json" { }`:        "app.go:4: ctx.Request.URI().Path() is compared",
		`if c.OriginalURL() == "/json" { }`:                         "app.go:4: c.OriginalURL() is compared",
		`handlers[r.URL.Path](w, r)`:                                "app.go:4: r.URL.Path is looked up",
		"p := r.URL.Path\nq := p[1:]\nif q == \"json\" { }":         "app.go:5: p is taken apart",
		"var p = r.URL.EscapedPath()\nif p == \"/json\" { }":        "app.go:5: p is compared",
		"for _, c := range r.URL.Path { use(c) }":                   "app.go:4: r.URL.Path is taken apart",
		`if r.URL.String() == "/json" { }`:                          "app.go:4: r.URL.String() is compared",
		"go func() { if r.URL.Path == \"/json\" { } }()":            "app.go:4: r.URL.Path is compared",
		`route(r.URL.Path)`:                                         "app.go:4: r.URL.Path is handed to route",
		"switch /* a router */ r.URL.\nPath { case \"/json\": }":    "app.go:4: r.URL.Path is switched on",
	} {
		findings := lookIn(t, body)
		if len(findings) == 0 || findings[0] != want {
			t.Errorf("%s\ngives %q, want %q.", body, findings, want)
		}
	}
}

func TestWhatRoutersDoIsNotFound(t *testing.T) {
	for _, body := range []string{
		`router.GET(route.Path, func(c *C) { c.String(200, route.Body) })`,
		`mux.HandleFunc("GET "+route.Path, plaintext)`,
		`if r.URL.RawPath == "" { return }`,
		`// if r.URL.Path == "/json" { }`,
		`text := "switch r.URL.Path { }"; use(text)`,
		"use(`if strings.HasPrefix(r.URL.Path, \"/user/\")`)",
		`io.WriteString(w, r.PathValue("id")+"/"+r.PathValue("slug"))`,
		`if r.Method == "POST" { }`,
		`switch r.Method { case "GET": }`,
		`use(filepath.Join("a", "b"))`,
	} {
		if findings := lookIn(t, body); len(findings) != 0 {
			t.Errorf("%s\ngives %q.", body, findings)
		}
	}
}

func TestWhatGoNeverCompilesIsPassedBy(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	looks := []byte("package app\n\nfunc h(r *R) {\n\tif r.URL.Path == \"/\" {\n\t}\n}\n")
	for _, err := range []error{
		os.WriteFile(at("app.go"), looks, 0o600),
		os.WriteFile(at("_app.go"), looks, 0o600),
		os.Symlink("user@host.1:2", at(".#app.go")),
		os.Symlink("nothing", at("gone.go")),
		syscall.Mkfifo(at("pipe.go"), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	findings, err := Look(folder)
	if err != nil || len(findings) != 1 || !strings.HasPrefix(findings[0], "app.go:4: ") {
		t.Errorf("Looking gives %q and %v, want one finding in app.go:4.", findings, err)
	}
}

func TestAFileThatIsNotGoIsAnError(t *testing.T) {
	_, err := lookAt("app.go", []byte("package app\n\nfunc {"))
	if err == nil || !strings.Contains(err.Error(), "app.go:3") {
		t.Errorf("The error is %v, want one that names app.go:3.", err)
	}
}
