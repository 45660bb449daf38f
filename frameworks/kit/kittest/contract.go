package kittest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"bench.lab/kit"
)

// clients is how many connections ask at the same time for parameters.
const clients = 64

// Contract checks every route of the contract, first on the bare application, then
// with extra routes, middlewares and busy work, then with routes that overlap.
func Contract(t *testing.T, serve Serve, exceptions ...Exception) {
	t.Run("bare", func(t *testing.T) { contract(t, serve, kit.Options{}, exceptions) })
	t.Run("loaded", func(t *testing.T) {
		contract(t, serve, kit.Options{
			Routes:     append(kit.ExtraRoutes(200, kit.Distinct), kit.ExtraRoutes(200, kit.Shared)...),
			Middleware: 5,
			Spin:       time.Microsecond,
		}, exceptions)
	})
	t.Run("routes beside parameters", func(t *testing.T) { overlap(t, serve) })
}

// Exception is a request that the framework's own router answers with another status
// than its framework.yaml declares for HEAD and for wrong methods.
type Exception struct {
	Method, Path string
	Status       int
}

func contract(t *testing.T, serve Serve, options kit.Options, exceptions []Exception) {
	base, client := start(t, serve, options)
	c := checker{base: base, client: client}
	status := func(t *testing.T, key, method, path string) int {
		for _, exception := range exceptions {
			if exception.Method == method && exception.Path == path {
				return exception.Status
			}
		}
		return declared(t, key)
	}

	t.Run("plaintext", func(t *testing.T) {
		c.expect(t, "GET", "/plaintext", nil, text, kit.Plaintext)
	})
	t.Run("json", func(t *testing.T) {
		got := c.ask(t, "GET", "/json", nil)
		var reply kit.Reply
		if err := json.Unmarshal(got.body, &reply); err != nil {
			t.Fatalf("The answer is not JSON: %v: %q.", err, got.body)
		}
		if want := kit.Message(); got.status != 200 || got.media != "application/json" || reply != want {
			t.Errorf("Got %s with %+v, want 200 application/json with %+v.", got, reply, want)
		}
	})
	t.Run("params", func(t *testing.T) { c.params(t) })
	t.Run("echo", func(t *testing.T) {
		for _, size := range []int{0, 1, 1 << 10, 64 << 10, kit.EchoLimit} {
			c.expect(t, "POST", "/echo", kit.Blob()[:size], binary, string(kit.Blob()[:size]))
		}
	})
	t.Run("blob", func(t *testing.T) {
		c.expect(t, "GET", "/blob", nil, binary, string(kit.Blob()))
	})
	t.Run("extra routes", func(t *testing.T) {
		for _, route := range options.Routes {
			c.expect(t, "GET", route.Path, nil, text, route.Body)
		}
	})
	t.Run("unknown path", func(t *testing.T) {
		for _, path := range []string{"/", "/plaintexts", "/user/1/post", "/user/1/posts/2"} {
			if got := c.ask(t, "GET", path, nil); got.status != 404 {
				t.Errorf("GET %s: got %s, want 404.", path, got)
			}
		}
	})
	t.Run("wrong method", func(t *testing.T) {
		for _, request := range [][2]string{
			{"POST", "/plaintext"}, {"POST", "/json"}, {"POST", "/user/1/post/2"}, {"POST", "/blob"}, {"GET", "/echo"},
		} {
			method, path := request[0], request[1]
			want := status(t, "wrong_method", method, path)
			if got := c.ask(t, method, path, nil); got.status != want {
				t.Errorf("%s %s: got %s, want the declared %d.", method, path, got, want)
			}
		}
	})
	t.Run("HEAD", func(t *testing.T) {
		for _, path := range []string{"/plaintext", "/json", "/user/1/post/2"} {
			want := status(t, "head", "HEAD", path)
			if got := c.ask(t, "HEAD", path, nil); got.status != want || len(got.body) != 0 {
				t.Errorf("HEAD %s: got %s and %d bytes, want the declared %d and none.", path, got, len(got.body), want)
			}
		}
	})
}

// params asks for random parameters on many connections at once. Answers that mix
// show parameters that outlive their request in a buffer that is used again.
func (c checker) params(t *testing.T) {
	for _, pair := range [][2]string{
		{"1", "2"}, {"a b", "c+d"}, {"100%", "50%25"}, {"Äpfel", "日本語"}, {"UPPER", "Lower"}, {"a?b", "c#d"}, {"x;y", "z=1&2"},
	} {
		if departs(t, "decodes-twice") && strings.ContainsAny(pair[0]+pair[1], "%+") {
			continue
		}
		c.param(t, pair[0], pair[1])
	}
	characters := "abcXYZ019-_.~ &=äß日"
	if !departs(t, "decodes-twice") {
		// These two change when they are decoded once more.
		characters += "%+"
	}
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			for range 20 {
				c.param(t, randomName(characters), randomName(characters))
			}
		})
	}
	wait.Wait()
}

func (c checker) param(t *testing.T, id, slug string) {
	path := "/user/" + url.PathEscape(id) + "/post/" + url.PathEscape(slug)
	c.expect(t, "GET", path, nil, text, id+"/"+slug)
}

func randomName(characters string) string {
	runes := []rune(characters)
	// The first character keeps names from being "." or "..", which mean another path.
	name := []rune{'n'}
	for range rand.IntN(40) {
		name = append(name, runes[rand.IntN(len(runes))])
	}
	return string(name)
}

// text and binary are the two media types of the contract that carry no JSON.
const (
	text   = "text/plain; charset=utf-8"
	binary = "application/octet-stream"
)

// dateMayLag is by how much a Date may be older than its request: many servers write it once a
// second, and one whose machine stood still has not written the next one yet.
const dateMayLag = 15 * time.Second

type checker struct {
	base   string
	client *http.Client
}

// response is what the contract says something about.
type response struct {
	status int
	media  string // without parameters
	header http.Header
	length int64 // Content-Length, -1 when the answer came in chunks
	body   []byte
}

func (r response) String() string {
	return fmt.Sprintf("%d %s", r.status, r.header.Get("Content-Type"))
}

// expect asks and compares the whole answer.
func (c checker) expect(t *testing.T, method, path string, body []byte, contentType, want string) {
	t.Helper()
	got := c.ask(t, method, path, body)
	if got.status != 200 || !strings.EqualFold(got.header.Get("Content-Type"), contentType) {
		t.Errorf("%s %s: got %s, want 200 %s.", method, path, got, contentType)
	}
	if string(got.body) != want {
		t.Errorf("%s %s: got %d bytes that differ from the %d expected: %.80q, want %.80q.%s",
			method, path, len(got.body), len(want), got.body, want, twice(want, got.body))
	}
	if len(want) <= 1024 && got.length != int64(len(want)) && !departs(t, "chunked") {
		t.Errorf("%s %s: the Content-Length is %d, want %d; where the framework's design leaves it out, declare `departs: [chunked]`.",
			method, path, got.length, len(want))
	}
}

// twice names the departure where an answer is what was wanted, decoded once more.
func twice(want string, got []byte) string {
	if again, err := url.PathUnescape(want); err == nil && again != want && again == string(got) {
		return " It was decoded twice; where the framework leaves no other way, declare `departs: [decodes-twice]`."
	}
	return ""
}

func (c checker) ask(t *testing.T, method, path string, body []byte) response {
	t.Helper()
	request, err := http.NewRequest(method, c.base+path, bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return response{}
	}
	asked := time.Now()
	answer, err := c.client.Do(request)
	if err != nil {
		t.Error(err)
		return response{}
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
	date, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil || date.Before(asked.Add(-dateMayLag)) || date.After(time.Now().Add(time.Second)) {
		t.Errorf("%s %s: the Date is %q, want the time of the answer.", method, path, answer.Header.Get("Date"))
	}
	media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	return response{answer.StatusCode, media, answer.Header, answer.ContentLength, content}
}
