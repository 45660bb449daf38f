package gen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func folder(t *testing.T, source string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "app.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestRoutesAreReadFromTheSource(t *testing.T) {
	source := "package mine\n\nfunc f() {\n\ta.Get(\"/a\", h)\n\ta.Handle(\"PATCH\", \"/user/{id}\", h)\n\ta.Post(`/a`, h)\n" +
		"\ta.Get(path, h)\n\tother.Get(\"no pattern\")\n\tGet(\"/no\", h)\n}\n"
	at := folder(t, source)
	text, err := Source(at)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"package mine", `"/a",`, `"/user/{id}",`} {
		if strings.Count(string(text), want) != 1 {
			t.Errorf("%q does not stand there once:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "/no") {
		t.Error("What is no method was read.")
	}
	again, err := Source(folder(t, source))
	if err != nil || string(again) != string(text) {
		t.Errorf("The same source gives another text: %v", err)
	}
	// Its own output is no input.
	if err := os.WriteFile(filepath.Join(at, File), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := Source(at); err != nil || string(again) != string(text) {
		t.Errorf("With its own output beside it, it writes something else: %v", err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	for _, source := range []string{
		"package a\n", "package a\nfunc f() { a.Get(\"/{x\", h) }\n", "package a\nfunc f() { a.Get(\"/{x}\", h); a.Get(\"/{y}\", h) }\n", "package",
	} {
		if _, err := Source(folder(t, source)); err == nil {
			t.Errorf("%q is taken.", source)
		}
	}
}
