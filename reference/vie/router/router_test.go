package router_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sort"
	"strings"
	"testing"

	"bench.lab/reference/vie/gen"
	"bench.lab/reference/vie/router"
)

// all makes every router with the same routes. The generated table knows the first half of the
// patterns, as a server does that is told of more at its start.
func all(t testing.TB, patterns []string) map[string]router.Router {
	t.Helper()
	routers := map[string]router.Router{}
	for _, name := range router.Names {
		made, err := router.New(name)
		if err != nil {
			t.Fatal(err)
		}
		routers[name] = made
	}
	table, err := gen.Table(patterns[:(len(patterns)+1)/2])
	if err != nil {
		t.Fatal(err)
	}
	routers["generated"] = router.NewGenerated(table)
	whole, err := gen.Table(patterns)
	if err != nil {
		t.Fatal(err)
	}
	routers["generated whole"] = router.NewGenerated(whole)
	compressed := router.NewAdaptive()
	routers["adaptive compressed"] = compressed
	for _, made := range routers {
		for _, text := range patterns {
			route, err := router.NewRoute(text)
			if err != nil {
				t.Fatal(err)
			}
			route.Handlers = text
			made.Insert(route)
		}
	}
	compressed.Compress(true)
	return routers
}

// found words what a router finds.
func found(made router.Router, path string) string {
	var values router.Values
	route := made.Find([]byte(path), &values)
	if route == nil {
		return "nothing"
	}
	words := route.Handlers.(string)
	for i, name := range route.Names {
		words += fmt.Sprintf(" %s=%s", name, values.At[i])
	}
	if values.Len != len(route.Names) {
		words += fmt.Sprintf(" and %d values", values.Len)
	}
	return words
}

func TestFinds(t *testing.T) {
	patterns := []string{"/", "/user/new", "/user/{id}", "/user/{id}/post/{slug}", "/user/lusab/post/babad", "/a/", "/{any}/b", "/a/{x}"}
	routers := all(t, patterns)
	for path, want := range map[string]string{
		"/":                       "/",
		"/user/new":               "/user/new",
		"/user/news":              "/user/{id} id=news",
		"/user/ne":                "/user/{id} id=ne",
		"/user/1/post/2":          "/user/{id}/post/{slug} id=1 slug=2",
		"/user/new/post/2":        "/user/{id}/post/{slug} id=new slug=2",
		"/user/lusab/post/babad":  "/user/lusab/post/babad",
		"/user/lusab/post/baba":   "/user/{id}/post/{slug} id=lusab slug=baba",
		"/user/lusab/post/babad/": "nothing",
		"/user/lusab":             "/user/{id} id=lusab",
		"/user//post/2":           "nothing",
		"/user/1/post/":           "nothing",
		"/user/":                  "nothing",
		"/user":                   "nothing",
		"/a/":                     "/a/",
		"/a/b":                    "/a/{x} x=b",
		"/c/b":                    "/{any}/b any=c",
		"/user/b":                 "/user/{id} id=b",
		"":                        "nothing",
		"user":                    "nothing",
		"*":                       "nothing",
	} {
		for name, made := range routers {
			if got := found(made, path); got != want {
				t.Errorf("%s: %s: got %s, want %s.", name, path, got, want)
			}
		}
	}
}

func TestWhatIsNoPattern(t *testing.T) {
	for _, text := range []string{"", "user", "/{}", "/{a", "/a}", "/a{b}", "/{a}{b}", strings.Repeat("/{a}", router.MaxParams+1)} {
		if _, err := router.Parse(text); err == nil {
			t.Errorf("%q is taken.", text)
		}
	}
}

// randomPatterns draws patterns that match different things.
func randomPatterns(random *rand.Rand, count int) []string {
	words := []string{"", "a", "b", "ab", "abc", "user", "users", "é"}
	seen := map[string]bool{}
	var patterns []string
	for range count {
		text, params := "", 0
		for range 1 + random.IntN(5) {
			word := words[random.IntN(len(words))]
			if random.IntN(3) == 0 && params < router.MaxParams {
				word = fmt.Sprintf("{p%d}", params)
				params++
			}
			text += "/" + word
		}
		pattern, err := router.Parse(text)
		if err != nil || seen[pattern.Key()] {
			continue
		}
		seen[pattern.Key()] = true
		patterns = append(patterns, text)
	}
	return patterns
}

func randomPath(random *rand.Rand) string {
	words := []string{"", "a", "b", "ab", "abc", "abcd", "user", "users", "use", "é", "%2F"}
	path := ""
	for range random.IntN(6) {
		path += "/" + words[random.IntN(len(words))]
	}
	return path
}

// mux is the standard library's router on the same patterns; nil where it sees a conflict in them.
func mux(patterns []string, got *string) (m *http.ServeMux) {
	defer func() {
		if recover() != nil {
			m = nil
		}
	}()
	m = http.NewServeMux()
	for _, text := range patterns {
		// A pattern that ends in a slash matches what is below it, there; {$} is what it means here.
		pattern := text
		if strings.HasSuffix(pattern, "/") {
			pattern += "{$}"
		}
		m.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) { *got = text })
	}
	return m
}

// All routers against one another and against ServeMux, which goes by rules of its own where a path
// is not clean, and refuses some sets of patterns.
func TestAllRoutersFindTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(20, 20))
	compared, judged := 0, 0
	for set := range 600 {
		patterns := randomPatterns(random, 1+random.IntN(40))
		if set%50 == 0 {
			patterns = randomPatterns(random, 300)
		}
		routers := all(t, patterns)
		got := ""
		judge := mux(patterns, &got)
		for range 30 {
			path := randomPath(random)
			want := found(routers["linear"], path)
			for name, made := range routers {
				compared++
				if answer := found(made, path); answer != want {
					t.Fatalf("%q: %s: %s finds %s, and linear %s.", patterns, path, name, answer, want)
				}
			}
			if judge == nil || path == "" || strings.Contains(path, "//") || strings.Contains(path, "%") {
				continue
			}
			got = "nothing"
			judge.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
			if pattern, _, _ := strings.Cut(want, " "); pattern != got {
				// It takes an empty last segment for a parameter's value in no case.
				t.Fatalf("%q: %s: ServeMux finds %s, and all here %s.", patterns, path, got, want)
			}
			judged++
		}
		if random.IntN(2) == 0 {
			routers["adaptive"].(*router.Adaptive).Adapt()
		}
	}
	t.Logf("%d searches compared, %d with ServeMux", compared, judged)
	if judged < 1000 {
		t.Errorf("ServeMux judged only %d searches.", judged)
	}
}

func TestASearchAllocatesNothing(t *testing.T) {
	for name, made := range all(t, []string{"/a", "/user/{id}/post/{slug}", "/b"}) {
		if name == "regex" {
			continue // It gives its places as a slice.
		}
		path := []byte("/user/4711/post/hello")
		var values router.Values
		if n := testing.AllocsPerRun(200, func() {
			if made.Find(path, &values) == nil {
				t.Fatal(name)
			}
		}); n != 0 {
			t.Errorf("%s allocates %v times.", name, n)
		}
	}
}

// A subtree that is asked for one route alone becomes a radix tree; one that is asked for all alike
// stays a trie, and so does any where the cache does not miss.
func TestAdaptiveFollowsItsRule(t *testing.T) {
	ask := func(adaptive *router.Adaptive, share int) {
		var values router.Values
		for i := range 64 * 1000 {
			number := i / 64 % 10
			if number >= share {
				number = 0
			}
			adaptive.Find(fmt.Appendf(nil, "/a/%d", number), &values)
		}
		adaptive.Adapt()
	}
	fill := func() *router.Adaptive {
		adaptive := router.NewAdaptive()
		for i := range 10 {
			route, _ := router.NewRoute(fmt.Sprintf("/a/%d", i))
			adaptive.Insert(route)
		}
		return adaptive
	}
	adaptive := fill()
	for _, step := range []struct{ share, want int }{{10, 0}, {1, 1}, {2, 1}, {10, 0}} {
		ask(adaptive, step.share)
		if got, _ := adaptive.Compressed(); got != step.want {
			t.Errorf("Asked for %d routes, %d subtrees are compressed, want %d.", step.share, got, step.want)
		}
	}
	adaptive.Adapt()
	if got, _ := adaptive.Compressed(); got != 0 {
		t.Error("Nobody asked, and it changed.")
	}
	adaptive.MissRatio = 0.12
	ask(adaptive, 1)
	if got, _ := adaptive.Compressed(); got != 0 {
		t.Error("It compresses without misses.")
	}
}

// The classic and larger sets that benchmarks of routers use are of this shape: static texts with a
// long beginning in common.
func shaped(count int) []string {
	patterns := make([]string, count)
	for i := range patterns {
		patterns[i] = fmt.Sprintf("/api/v1/%c%d/item%d", 'a'+i%26, i%97, i)
	}
	return patterns
}

func BenchmarkFind(b *testing.B) {
	for _, count := range []int{5, 20, 100, 1000, 10_000} {
		patterns := shaped(count)
		routers := all(b, patterns)
		delete(routers, "generated")
		names := make([]string, 0, len(routers))
		for name := range routers {
			names = append(names, name)
		}
		sort.Strings(names)
		paths := make([][]byte, 256)
		random := rand.New(rand.NewPCG(1, 1))
		for i := range paths {
			paths[i] = []byte(patterns[random.IntN(count)])
		}
		for _, name := range names {
			if name == "regex" && count > 1000 {
				continue
			}
			made := routers[name]
			b.Run(fmt.Sprintf("%s/routes=%d", name, count), func(b *testing.B) {
				var values router.Values
				i := 0
				for b.Loop() {
					if made.Find(paths[i&255], &values) == nil {
						b.Fatal("not found")
					}
					i++
				}
				b.ReportMetric(float64(values.Hops)/float64(i), "hops/op")
			})
		}
	}
}

// BenchmarkInsert also tells how many bytes of live heap a route takes.
func BenchmarkInsert(b *testing.B) {
	for _, name := range router.Names {
		for _, count := range []int{100, 10_000} {
			if name == "regex" && count > 100 {
				continue
			}
			patterns := shaped(count)
			b.Run(fmt.Sprintf("%s/routes=%d", name, count), func(b *testing.B) {
				var before, after runtime.MemStats
				var made router.Router
				runtime.GC()
				runtime.ReadMemStats(&before)
				for b.Loop() {
					made, _ = router.New(name)
					for _, text := range patterns {
						route, _ := router.NewRoute(text)
						made.Insert(route)
					}
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				runtime.KeepAlive(made)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count), "ns/route")
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(count), "B/route")
			})
		}
	}
}
