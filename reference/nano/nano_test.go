package nano_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bench.lab/reference/nano"
)

func ask(app *nano.App, method, target string) *http.Response {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w.Result()
}

func text(t *testing.T, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func both(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, r.PathValue("id")+"/"+r.PathValue("slug"))
}

func TestParametersAreDecodedOnce(t *testing.T) {
	app := nano.New()
	app.Get("/user/{id}/post/{slug}", both)
	for target, want := range map[string]string{
		"/user/1/post/2":              "1/2",
		"/user/a%20b/post/c%2Bd":      "a b/c+d",
		"/user/a%2Fb/post/c%252F":     "a/b/c%2F",
		"/user/100%25/post/%C3%84%3F": "100%/Ä?",
	} {
		if got := text(t, ask(app, "GET", target)); got != want {
			t.Errorf("%s: got %q, want %q.", target, got, want)
		}
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	app := nano.New()
	app.Get("/a", both)
	app.Post("/b", both)
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/a", 200, ""}, {"HEAD", "/a", 200, ""}, {"POST", "/a", 405, "GET, HEAD"},
		{"GET", "/b", 405, "POST"}, {"GET", "/c", 404, ""}, {"GET", "/a/", 404, ""},
	} {
		got := ask(app, c.method, c.path)
		if got.StatusCode != c.status || got.Header.Get("Allow") != c.allow {
			t.Errorf("%s %s: got %d, Allow %q.", c.method, c.path, got.StatusCode, got.Header.Get("Allow"))
		}
	}
}

func TestMiddlewaresRunFromTheOutsideIn(t *testing.T) {
	app := nano.New()
	mark := func(name string) nano.Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, name+">")
				next.ServeHTTP(w, r)
			})
		}
	}
	app.Use(mark("1"), mark("2"))
	app.Use(mark("3"))
	group := app.Group("/api/", mark("4"), mark("5"))
	group.Get("/x", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") })
	app.Get("/y", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "y") })
	for path, want := range map[string]string{"/api/x": "1>2>3>4>5>x", "/y": "1>2>3>y"} {
		if got := text(t, ask(app, "GET", path)); got != want {
			t.Errorf("%s: got %s, want %s.", path, got, want)
		}
	}
	// What no route knows passes the application's middlewares, and no group's.
	if got := text(t, ask(app, "GET", "/api/z")); !strings.HasPrefix(got, "1>2>3>Not") {
		t.Errorf("An unknown path gives %q.", got)
	}
}

// The article forbids groups in groups; here there is no method for it.
func TestAGroupHasNoGroups(t *testing.T) {
	type grouping interface {
		Group(string, ...nano.Middleware) nano.Group
	}
	if _, is := any(nano.New()).(grouping); !is {
		t.Fatal("An application has no groups.")
	}
	if _, is := any(nano.New().Group("/a")).(grouping); is {
		t.Error("A group can be grouped.")
	}
}

// What the article promises of the package itself: no dependency, no reflection, nothing global.
func TestItsSourceIsAsTheArticleHasIt(t *testing.T) {
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(module), "require") {
		t.Error("go.mod requires something.")
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("route/*.go")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, name := range append(files, more...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		looked++
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			if path := strings.Trim(spec.Path.Value, `"`); path == "reflect" || strings.Contains(path, ".") && !strings.HasPrefix(path, "bench.lab/reference/nano/") {
				t.Errorf("%s imports %s.", name, path)
			}
		}
		for _, declaration := range file.Decls {
			if d, is := declaration.(*ast.GenDecl); is && d.Tok == token.VAR {
				t.Errorf("%s has a global variable.", name)
			}
		}
	}
	if looked < 2 {
		t.Errorf("Only %d files were looked at.", looked)
	}
}
