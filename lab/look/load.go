package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// listed is what `go list` says of a package.
type listed struct {
	ImportPath, Dir, Export string
	Standard                bool
	Module                  *struct{ Path, Version string }
	GoFiles, IgnoredGoFiles []string
	ImportMap               map[string]string

	CgoFiles, CFiles, CXXFiles, MFiles, HFiles, FFiles, SFiles, SwigFiles, SwigCXXFiles, SysoFiles, EmbedFiles []string
}

const fields = "ImportPath,Dir,Export,Standard,Module,GoFiles,IgnoredGoFiles,ImportMap," +
	"CgoFiles,CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,SwigCXXFiles,SysoFiles,EmbedFiles"

// world is what a program is compiled from.
type world struct {
	fset    *token.FileSet
	folders []string // without links
	modules []string // the modules of these folders

	environment []string // of the go command
	all         map[string]*listed
	own         []*ownPackage
}

// ownPackage is one whose source is the server's.
type ownPackage struct {
	*listed
	files []*ast.File
	types *types.Package
	info  *types.Info
}

// load asks Go what the first folder's program is compiled from, and resolves the names of what
// lies in the folders.
func load(folders []string, pattern string) (*world, error) {
	w := &world{fset: token.NewFileSet(), all: map[string]*listed{}}
	for _, folder := range folders {
		module, err := moduleOf(folder)
		if err != nil {
			return nil, err
		}
		straight, err := straighten(folder)
		if err != nil {
			return nil, err
		}
		w.folders = append(w.folders, straight)
		w.modules = append(w.modules, module)
	}
	list := exec.Command("go", "list", "-mod=readonly", "-export", "-deps", "-json="+fields, pattern)
	list.Dir = w.folders[0]
	w.environment = append(os.Environ(), "GO111MODULE=on", "PWD="+list.Dir)
	list.Env = w.environment
	var words bytes.Buffer
	list.Stderr = &words
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("`go list` fails in %s: %w: %s", folders[0], err, strings.TrimSpace(words.String()))
	}
	var order []*listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		one := &listed{}
		if err := decoder.Decode(one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		w.all[one.ImportPath] = one
		order = append(order, one)
	}
	exported := importer.ForCompiler(w.fset, "gc", func(path string) (io.ReadCloser, error) {
		if one := w.all[path]; one != nil && one.Export != "" {
			return os.Open(one.Export)
		}
		return nil, fmt.Errorf("`go list` gives no export data of %s", path)
	})
	checked := map[string]*types.Package{}
	for _, one := range order {
		if !w.isOwn(one) {
			continue
		}
		own, err := w.check(one, func(path string) (*types.Package, error) {
			if mapped := one.ImportMap[path]; mapped != "" {
				path = mapped
			}
			if source := checked[path]; source != nil {
				return source, nil
			}
			return exported.Import(path)
		})
		if err != nil {
			return nil, err
		}
		checked[one.ImportPath] = own.types
		w.own = append(w.own, own)
	}
	return w, nil
}

func straighten(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// isOwn tells a package of the server's own modules, or that lies in their folders.
func (w *world) isOwn(one *listed) bool {
	for i, folder := range w.folders {
		if one.Module != nil && one.Module.Path == w.modules[i] || inside(one.Dir, folder) {
			return true
		}
	}
	return false
}

func inside(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+string(filepath.Separator))
}

type imports func(path string) (*types.Package, error)

func (i imports) Import(path string) (*types.Package, error) { return i(path) }

func (w *world) check(one *listed, from imports) (*ownPackage, error) {
	own := &ownPackage{listed: one, info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{},
	}}
	for _, name := range one.GoFiles {
		file, err := parser.ParseFile(w.fset, filepath.Join(one.Dir, name), nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return nil, err
		}
		own.files = append(own.files, file)
	}
	config := types.Config{Importer: from}
	checked, err := config.Check(one.ImportPath, w.fset, own.files, own.info)
	own.types = checked
	return own, err
}

// name is a file's name for people: within its module, with the folder's name where that is not
// the first.
func (w *world) name(path string) string {
	for i, folder := range w.folders {
		if name, err := filepath.Rel(folder, path); err == nil && inside(path, folder) {
			if i > 0 {
				name = filepath.Join(filepath.Base(folder), name)
			}
			return filepath.ToSlash(name)
		}
	}
	return filepath.ToSlash(path)
}

// files finds what the compiler takes besides files of Go that lie where they seem to.
func (w *world) files() (findings []Finding) {
	say := func(path, words string) {
		name := w.name(path)
		findings = append(findings, Finding{name + ":1", "file " + name, words})
	}
	for _, folder := range w.folders {
		// Go takes modules from there without a word in what the executable says of itself.
		vendor := filepath.Join(folder, "vendor")
		if _, err := os.Lstat(vendor); err == nil {
			say(vendor, "takes the place of the modules that go.mod names")
		}
		for _, name := range []string{"go.mod", "go.sum"} {
			path := filepath.Join(folder, name)
			if what, err := os.Lstat(path); err == nil && !what.Mode().IsRegular() {
				say(path, "is no file: its text may change")
			}
		}
	}
	for _, own := range w.own {
		for _, part := range strings.Split(own.ImportPath, "/") {
			if part == "testdata" || strings.HasPrefix(part, "_") || strings.HasPrefix(part, ".") {
				say(own.Dir, "is a folder that Go's own patterns pass by")
			}
		}
		if straight, err := straighten(own.Dir); err != nil || straight != own.Dir {
			say(own.Dir, "is a link to another folder")
		}
		for _, name := range own.GoFiles {
			path := filepath.Join(own.Dir, name)
			if what, err := os.Lstat(path); err != nil || !what.Mode().IsRegular() {
				say(path, "is a link to another file")
			}
		}
		for _, name := range own.IgnoredGoFiles {
			say(filepath.Join(own.Dir, name), "is compiled on some machines and not on others")
		}
		foreign := [][]string{own.CgoFiles, own.CFiles, own.CXXFiles, own.MFiles, own.HFiles, own.FFiles, own.SFiles,
			own.SwigFiles, own.SwigCXXFiles, own.SysoFiles, own.EmbedFiles}
		for _, names := range foreign {
			for _, name := range names {
				say(filepath.Join(own.Dir, name), "is compiled in and is no Go")
			}
		}
	}
	return findings
}

// moduleOf reads the module's path from a folder's go.mod.
func moduleOf(folder string) (string, error) {
	text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if words := strings.Fields(line); len(words) >= 2 && words[0] == "module" {
			return strings.Trim(words[1], "\"`"), nil
		}
	}
	return "", fmt.Errorf("%s/go.mod names no module", folder)
}
