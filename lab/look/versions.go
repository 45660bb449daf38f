package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"sort"
	"strings"
)

// pseudo tells the version of a commit that was never released.
var pseudo = regexp.MustCompile(`[-.][0-9]{14}-[0-9a-f]{12}$`)

// versions finds modules that are newer than what the framework asks for by itself: a server is
// built from what its users get. Who asks for a version is in the modules' own files; what only
// this server's go.mod asks for is declared, and so is a commit that was never released.
func (w *world) versions(r Rules) ([]Finding, error) {
	graph := exec.Command("go", "mod", "graph")
	graph.Dir, graph.Env = w.folders[0], w.environment
	var words bytes.Buffer
	graph.Stderr = &words
	out, err := graph.Output()
	if err != nil {
		return nil, fmt.Errorf("`go mod graph` fails: %w: %s", err, strings.TrimSpace(words.String()))
	}
	linked := map[string]string{}
	for _, one := range w.all {
		if one.Module != nil && one.Module.Version != "" {
			linked[one.Module.Path] = one.Module.Version
		}
	}
	asked, right := map[string]bool{}, map[string]bool{}
	for _, line := range strings.Split(string(out), "\n") {
		by, what, is := strings.Cut(line, " ")
		from, version, _ := strings.Cut(by, "@")
		module, wanted, versioned := strings.Cut(what, "@")
		// Another version of the one that asks is not what is built, and so does not ask.
		if !is || !versioned || w.isServers(from) || linked[from] != "" && linked[from] != version || from == module {
			continue
		}
		asked[module] = true
		right[module] = right[module] || wanted == linked[module]
	}
	var findings []Finding
	for module, version := range linked {
		if module == kit || w.isServers(module) || right[module] || strings.Contains(r.Settings, module+" "+version) {
			continue
		}
		say := func(words string) {
			findings = append(findings, Finding{"go.mod:1", "version " + module + "@" + version, words})
		}
		switch {
		case pseudo.MatchString(version):
			say(module + " is at a commit that was never released")
		case module == r.Module, !asked[module]:
			// Nobody else asks for it, so it is the newest.
		default:
			say(module + " is newer than what the framework asks for")
		}
	}
	sort.Slice(findings, func(i, j int) bool { return findings[i].Key < findings[j].Key })
	return findings, nil
}

// isServers tells the modules of the server itself, and of the framework that it varies.
func (w *world) isServers(module string) bool {
	for _, own := range w.modules {
		if own == module {
			return true
		}
	}
	return false
}
