// Command vie-gen writes table.go, the route table of the package in the folder it is run in. A
// package that uses it says
//
//	//go:generate go run bench.lab/reference/vie/vie-gen
//
// With -check it writes nothing and ends with status 1 where table.go is not what it would write.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"bench.lab/reference/vie/gen"
)

func main() {
	check := flag.Bool("check", false, "only say whether table.go is current")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: vie-gen [-check] [FOLDER]\n\nExample: vie-gen -check ./app")
		flag.PrintDefaults()
	}
	flag.Parse()
	folder := "."
	if flag.NArg() > 0 {
		folder = flag.Arg(0)
	}
	text, err := gen.Source(folder)
	if err != nil {
		fmt.Fprintln(os.Stderr, "vie-gen:", err)
		os.Exit(2)
	}
	file := filepath.Join(folder, gen.File)
	if *check {
		if kept, err := os.ReadFile(file); err != nil || !bytes.Equal(kept, text) {
			fmt.Fprintf(os.Stderr, "vie-gen: %s is not current: run `go generate` in %s.\n", file, folder)
			os.Exit(1)
		}
		return
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "vie-gen:", err)
		os.Exit(2)
	}
}
