package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

func init() {
	for _, listing := range []struct{ name, file, what string }{
		{"x01_compiles", "x01_timeout.go", "whether the listing that keeps one result of context.WithTimeout compiles"},
		{"x01_mended_compiles", "x01_mended.go", "whether the same listing compiles once it keeps both results"},
		{"x02_gin_compiles", "x02_gin.go", "whether c.Params.Get(\"id\") compiles with Gin's context"},
		{"x02_fiber_compiles", "x02_fiber.go", "whether c.Params.Get(\"id\") compiles with Fiber's context"},
		{"x02_fiber_own_compiles", "x02_fiber_own.go", "whether c.Params(\"id\") compiles with Fiber's context"},
	} {
		exact(listing.name, "1", listing.what, func() float64 { return compiles(listing.file) })
	}
	exact("x19_c_compiles", "1", "whether the body of the tracing listing compiles as C, with the kernel's helpers declared", func() float64 {
		return compilesAsC("")
	})
	exact("x19_c_mended_compiles", "1", "whether it compiles once its variable pid is declared", func() float64 {
		return compilesAsC("unsigned pid = 0;")
	})
	exact("x20_netpoll_takes_bool", "1", "whether runtime.netpoll takes a bool, as in the listing", func() float64 {
		parameter, _ := netpoll()
		return yes(parameter == "bool")
	})
	exact("x20_netpoll_gives_g", "1", "whether runtime.netpoll returns one *g, as in the listing", func() float64 {
		_, result := netpoll()
		return yes(result == "*g")
	})
	const sizes = "a program that serves with net/http alone"
	exact("size_std_stripped_mib", "MiB", "size of "+sizes+", linked with -s -w", func() float64 { return size("std", "-s -w", "0") })
	exact("size_gin_stripped_mib", "MiB", "size of a program that serves with Gin, linked with -s -w", func() float64 { return size("gin", "-s -w", "0") })
	exact("strip_share_gin", "1", "size of a program that serves with Gin linked with -s -w, over the same without", func() float64 {
		return size("gin", "-s -w", "0") / size("gin", "", "0")
	})
	exact("strip_share_std", "1", "size of "+sizes+" linked with -s -w, over the same without", func() float64 {
		return size("std", "-s -w", "0") / size("std", "", "0")
	})
	counted("nocgo_share_std", "1", "size of "+sizes+" built without cgo, over the same with it, both linked with -s -w", func() float64 {
		return size("std", "-s -w", "0") / size("std", "-s -w", "1")
	})
	counted("nocgo_share_gin", "1", "size of a program that serves with Gin built without cgo, over the same with it, both linked with -s -w", func() float64 {
		return size("gin", "-s -w", "0") / size("gin", "-s -w", "1")
	})
	exact("frozen_table_inits", "1", "functions that a program runs before main for a table of routes that is written out as an array", func() float64 {
		program := built("frozen", "", "0")
		symbols := string(must(exec.Command("go", "tool", "nm", program).Output()))
		return float64(strings.Count(symbols, " main.init"))
	})
}

// compiles builds one file of listings, which no other build sees, by its name.
func compiles(file string) float64 {
	command := exec.Command("go", "build", "-o", os.DevNull, "./"+filepath.Join("listings", file))
	return yes(command.Run() == nil)
}

// compilesAsC compiles what the tracing listing does with its map, with a line put before it.
func compilesAsC(line string) float64 {
	text := `typedef unsigned long long u64;
enum { BPF_ANY = 0 };
struct trace_event_raw_sys_enter { long id; };
static int start_time_map;
static u64 bpf_ktime_get_ns(void) { return 1; }
static int bpf_map_update_elem(void *map, void *key, void *value, u64 flags) { return map && key && value && flags; }
int trace_poll_entry(struct trace_event_raw_sys_enter *ctx) {
  ` + line + `
  u64 ts = bpf_ktime_get_ns();
  bpf_map_update_elem(&start_time_map, &pid, &ts, BPF_ANY);
  return ctx == 0;
}
`
	command := exec.Command("cc", "-fsyntax-only", "-x", "c", "-")
	check(func() error { _, err := exec.LookPath("cc"); return err }())
	command.Stdin = strings.NewReader(text)
	return yes(command.Run() == nil)
}

// netpoll reads the type of the first parameter and of the first result of runtime.netpoll from
// the toolchain's own source.
func netpoll() (parameter, result string) {
	root := strings.TrimSpace(string(must(exec.Command("go", "env", "GOROOT").Output())))
	path := filepath.Join(root, "src/runtime/netpoll_epoll.go")
	file := must(parser.ParseFile(token.NewFileSet(), path, nil, 0))
	for _, declared := range file.Decls {
		if f, ok := declared.(*ast.FuncDecl); ok && f.Name.Name == "netpoll" {
			return word(f.Type.Params), word(f.Type.Results)
		}
	}
	return "", ""
}

func word(fields *ast.FieldList) string {
	switch t := fields.List[0].Type.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return "*" + t.X.(*ast.Ident).Name
	}
	return ""
}

// built links one of the programs below programs/ and returns its path.
func built(program, flags, cgo string) string {
	out := filepath.Join(must(os.MkdirTemp("", "facts")), program)
	command := exec.Command("go", "build", "-trimpath", "-ldflags="+flags, "-o", out, "./programs/"+program)
	command.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	command.Stderr = os.Stderr
	check(command.Run())
	runtime.KeepAlive(command)
	return out
}

// size is that of a linked program in MiB.
func size(program, flags, cgo string) float64 {
	path := built(program, flags, cgo)
	defer os.RemoveAll(filepath.Dir(path))
	return float64(must(os.Stat(path)).Size()) / (1 << 20)
}
