// Package gen writes the route table of an application before it is compiled: it reads the calls by
// which the source registers routes, and gives Go source with the finished table in it.
package gen

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bench.lab/reference/vie/router"
)

// File is the name of the generated file.
const File = "table.go"

// register are the methods of an application that take a pattern, with its place among their
// arguments.
var register = map[string]int{"Get": 0, "Post": 0, "Put": 0, "Delete": 0, "Handle": 1}

// Source gives the text of [File] for a folder with the Go files of one package: a function
// `table` that returns the table of all patterns that are literals there.
func Source(folder string) ([]byte, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	pkg := ""
	var patterns []string
	for _, name := range names {
		if filepath.Base(name) == File || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		pkg = file.Name.Name
		patterns = append(patterns, literals(file)...)
	}
	if len(patterns) == 0 {
		return nil, fmt.Errorf("in %s no route is registered by a literal pattern", folder)
	}
	table, err := Table(patterns)
	if err != nil {
		return nil, err
	}
	return write(pkg, table)
}

func literals(file *ast.File) (patterns []string) {
	ast.Inspect(file, func(node ast.Node) bool {
		call, is := node.(*ast.CallExpr)
		if !is {
			return true
		}
		selector, is := call.Fun.(*ast.SelectorExpr)
		if !is {
			return true
		}
		place, is := register[selector.Sel.Name]
		if !is || len(call.Args) != place+2 {
			return true
		}
		if literal, is := call.Args[place].(*ast.BasicLit); is && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && strings.HasPrefix(text, "/") {
				patterns = append(patterns, text)
			}
		}
		return true
	})
	return patterns
}

// Table makes the table of some patterns; the same pattern may come several times.
func Table(texts []string) (router.Table, error) {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	texts = slices.Compact(texts)
	table := router.Table{Patterns: texts}
	var patterns []router.Pattern
	seen := map[string]string{}
	for _, text := range texts {
		pattern, err := router.Parse(text)
		if err != nil {
			return table, err
		}
		if other, twice := seen[pattern.Key()]; twice {
			return table, fmt.Errorf("the patterns %q and %q match the same", other, text)
		}
		seen[pattern.Key()] = text
		patterns = append(patterns, pattern)
	}
	if err := places(&table, patterns); err != nil {
		return table, err
	}
	flatten(&table, patterns)
	return table, nil
}

// places finds a seed under which no two patterns without parameters share a place.
func places(table *router.Table, patterns []router.Pattern) error {
	var static []int
	for i, pattern := range patterns {
		if pattern.Static() {
			static = append(static, i)
		}
	}
	if len(static) == 0 {
		return nil
	}
	const seeds = 200_000
	size := 1
	for size < 2*len(static) {
		size *= 2
	}
	// More room makes a seed likely; with the square of the number any seed is as good as not.
	for ; size <= 1<<20; size *= 2 {
		taken := make([]int16, size)
	next:
		for seed := range uint32(seeds / size * 64) {
			for i := range taken {
				taken[i] = -1
			}
			for _, number := range static {
				place := router.Hash(seed, table.Patterns[number]) & uint32(size-1)
				if taken[place] >= 0 {
					continue next
				}
				taken[place] = int16(number)
			}
			table.Seed, table.Places = seed, taken
			return nil
		}
	}
	return fmt.Errorf("for %d patterns without parameters no hash was found", len(static))
}

// flatten writes the patterns with parameters as a tree in a list: siblings behind one another,
// the parameter last.
func flatten(table *router.Table, patterns []router.Pattern) {
	table.Nodes = nil
	all := make([]int, 0, len(patterns))
	for i, pattern := range patterns {
		if !pattern.Static() {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return
	}
	table.Nodes = append(table.Nodes, router.Node{Next: -1, Below: -1, Route: -1})
	below(table, patterns, all, 0, 0)
}

// below adds the children of a node: the segments at a depth of the patterns that lead to it.
func below(table *router.Table, patterns []router.Pattern, all []int, node int16, depth int) {
	groups := map[string][]int{}
	var texts []string
	for _, number := range all {
		if len(patterns[number]) == depth {
			table.Nodes[node].Route = int16(number)
			continue
		}
		segment := patterns[number][depth]
		key := "s" + segment.Text
		if segment.Param {
			key = "t"
		}
		if groups[key] == nil {
			texts = append(texts, key)
		}
		groups[key] = append(groups[key], number)
	}
	// "t" comes behind each "s...".
	slices.Sort(texts)
	before := int16(-1)
	for _, key := range texts {
		child := int16(len(table.Nodes))
		table.Nodes = append(table.Nodes, router.Node{Text: key[1:], Param: key[0] == 't', Next: -1, Below: -1, Route: -1})
		if before < 0 {
			table.Nodes[node].Below = child
		} else {
			table.Nodes[before].Next = child
		}
		before = child
		below(table, patterns, groups[key], child, depth+1)
	}
}

func write(pkg string, table router.Table) ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "// Code generated by vie-gen from the routes of this package. DO NOT EDIT.\n\npackage %s\n\n", pkg)
	out.WriteString("import \"bench.lab/reference/vie/router\"\n\n")
	out.WriteString("// table is what the routes of this package were made into before it was compiled.\n")
	out.WriteString("func table() router.Table {\n\treturn router.Table{\n\t\tPatterns: []string{\n")
	for _, text := range table.Patterns {
		fmt.Fprintf(&out, "\t\t\t%q,\n", text)
	}
	fmt.Fprintf(&out, "\t\t},\n\t\tSeed: %d,\n\t\tPlaces: []int16{", table.Seed)
	for i, place := range table.Places {
		if i > 0 {
			out.WriteString(", ")
		}
		fmt.Fprint(&out, place)
	}
	out.WriteString("},\n\t\tNodes: []router.Node{\n")
	for _, node := range table.Nodes {
		fmt.Fprintf(&out, "\t\t\t{Text: %q, Param: %t, Next: %d, Below: %d, Route: %d},\n", node.Text, node.Param, node.Next, node.Below, node.Route)
	}
	out.WriteString("\t\t},\n\t}\n}\n")
	return format.Source(out.Bytes())
}
