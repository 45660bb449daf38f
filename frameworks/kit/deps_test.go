package kit

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImportsNoNetHTTP holds the package to its promise to servers that bring an
// engine of their own.
func TestImportsNoNetHTTP(t *testing.T) {
	list, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list failed: %v.", err)
	}
	packages := strings.Fields(string(list))
	if !slices.Contains(packages, "bench.lab/kit") {
		t.Fatalf("go list did not list the package itself: %q.", packages)
	}
	for _, name := range packages {
		if name == "net/http" || strings.HasPrefix(name, "net/http/") {
			t.Errorf("The kit depends on %s.", name)
		}
	}
}
