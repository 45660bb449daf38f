package kittest

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// declared reads a status code that the framework.yaml beside the package states,
// so that what it declares is what the test sees. The two keys stand at the start
// of a line, which saves a YAML parser.
func declared(t *testing.T, key string) int {
	t.Helper()
	match := regexp.MustCompile(`(?m)^` + key + `: (\d{3})\b`).FindSubmatch(declaration(t))
	if match == nil {
		t.Fatalf("framework.yaml has no line %q with a status code.", key)
	}
	status, _ := strconv.Atoi(string(match[1]))
	return status
}

// departs tells whether framework.yaml names a departure from the contract, such as
// "chunked". The list stands on one line.
func departs(t *testing.T, departure string) bool {
	t.Helper()
	return regexp.MustCompile(`(?m)^departs: \[.*\b` + departure + `\b.*\]`).Match(declaration(t))
}

func declaration(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../framework.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}
