package http1

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

const (
	aHost   = "Host: localhost\r\n"
	chunked = "transfer-ENCODING: Chunked\r\n"
)

func TestWhatIsRefused(t *testing.T) {
	for request, want := range map[string]error{
		"GET  /a HTTP/1.1\r\n" + aHost + "\r\n":                                                 ErrBad,
		"GET /a b HTTP/1.1\r\n" + aHost + "\r\n":                                                ErrBad,
		"GET a HTTP/1.1\r\n" + aHost + "\r\n":                                                   ErrBad,
		"GET /a\x00 HTTP/1.1\r\n" + aHost + "\r\n":                                              ErrBad,
		"GET /a HTTP/1.2\r\n" + aHost + "\r\n":                                                  ErrVersion,
		"GET /a HTTP/2.0\r\n" + aHost + "\r\n":                                                  ErrVersion,
		"GET /a HTTPS/1.1\r\n" + aHost + "\r\n":                                                 ErrBad,
		"GET * HTTP/1.1\r\n" + aHost + "\r\n":                                                   ErrBad,
		"GET http:///a HTTP/1.1\r\n" + aHost + "\r\n":                                           ErrBad,
		"GET http://u@h/a HTTP/1.1\r\n" + aHost + "\r\n":                                        ErrBad,
		"G(T /a HTTP/1.1\r\n" + aHost + "\r\n":                                                  ErrBad,
		" /a HTTP/1.1\r\n" + aHost + "\r\n":                                                     ErrBad,
		"GET HTTP/1.1\r\n" + aHost + "\r\n":                                                     ErrBad,
		"\r\n":                                                                                  ErrBad,
		"\n":                                                                                    ErrBad,
		"GET /a HTTP/1.1\n" + aHost + "\r\n":                                                    ErrBad,
		"GET /a HTTP/1.1\r\n\r\n":                                                               ErrBad,
		"GET /a HTTP/1.1\r\n" + aHost + aHost + "\r\n":                                          ErrBad,
		"GET /a HTTP/1.1\r\nHost: a b\r\n\r\n":                                                  ErrBad,
		"GET /a HTTP/1.1\r\nHost: u@h\r\n\r\n":                                                  ErrBad,
		"GET /a HTTP/1.1\r\n" + aHost + "A : b\r\n\r\n":                                         ErrBad,
		"GET /a HTTP/1.1\r\n" + aHost + ": b\r\n\r\n":                                           ErrBad,
		"GET /a HTTP/1.1\r\n" + aHost + "A\r\n\r\n":                                             ErrBad,
		"GET /a HTTP/1.1\r\n" + aHost + "A: b\r\n c\r\n\r\n":                                    ErrBad,
		"GET /a HTTP/1.1\r\n" + aHost + "A: b\rc\r\n\r\n":                                       ErrBad,
		"GET /a HTTP/1.1\r\n" + aHost + "A: b\x00\r\n\r\n":                                      ErrBad,
		"GET /a HTTP/1.1\r\n" + aHost + "A: b\nB: c\r\n\r\n":                                    ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + "Content-Length:\r\n\r\n":                              ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + "Content-Length: +5\r\n\r\n":                           ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + "Content-Length: -5\r\n\r\n":                           ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + "Content-Length: 0x5\r\n\r\n":                          ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + "Content-Length: 5, 5\r\n\r\n":                         ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + "Content-Length: 5 5\r\n\r\n":                          ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n":       ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + "Content-Length: 99999999999999999999999\r\n\r\n":      ErrBody,
		"POST /a HTTP/1.1\r\n" + aHost + "Transfer-Encoding: gzip, chunked\r\n\r\n":             ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + "Transfer-Encoding: xchunked\r\n\r\n":                  ErrCoding,
		"POST /a HTTP/1.1\r\n" + aHost + "Transfer-Encoding:\r\n\r\n":                           ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + chunked + "\r\n":                             ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + "Content-Length: 5\r\n" + chunked + "\r\n":             ErrBad,
		"POST /a HTTP/1.0\r\n" + aHost + chunked + "\r\n":                                       ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + "\r\n5\nhello\r\n0\r\n\r\n":                  ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + "\r\n\r\nhello\r\n0\r\n\r\n":                 ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + "\r\n5 \r\nhello\r\n0\r\n\r\n":               ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + "\r\n3\r\nhello\r\n0\r\n\r\n":                ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + "\r\n5;\x00\r\nhello\r\n0\r\n\r\n":           ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + "\r\n0\r\nA : b\r\n\r\n":                     ErrBad,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + "\r\n10000000000000005\r\nhello":             ErrBody,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + "\r\n1\r\na\r\n400000\r\nb":                  ErrBody,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + "\r\n" + strings.Repeat("0", 300):            ErrBad,
		"GET /a HTTP/1.1\r\n" + aHost + "A: " + strings.Repeat("b", MaxHead) + "\r\n\r\n":       ErrHead,
		"GET /" + strings.Repeat("b", MaxHead):                                                  ErrHead,
		"GET /a HTTP/1.1\r\n" + aHost + strings.Repeat("A: b\r\n", MaxHead/6) + "\r\n":          ErrHead,
		"POST /a HTTP/1.1\r\n" + aHost + chunked + "\r\n1;" + strings.Repeat("a", 300) + "\r\n": ErrBad,
	} {
		var r Request
		var p Progress
		if _, err := r.Parse([]byte(request), &p); !errors.Is(err, want) {
			t.Errorf("%.90q: got %v, want %v.", request, err, want)
		}
	}
}

// Whatever pieces a request comes in, it is not complete before its last byte, it is not waited
// for with more bytes than it has, and what comes behind it is not touched.
func TestPiecesMakeTheSameRequest(t *testing.T) {
	for request, want := range map[string]Request{
		"GET /a/b?c HTTP/1.1\r\n" + aHost + "A:\r\nConnection: a, Close\r\n\r\n": {
			Method: []byte("GET"), Path: []byte("/a/b"), Query: []byte("c"), Close: true,
		},
		"GET HTTP://localhost:80/a?b HTTP/1.1\r\n" + aHost + "\r\n": {
			Method: []byte("GET"), Path: []byte("/a"), Query: []byte("b"),
		},
		"OPTIONS * HTTP/1.1\r\n" + aHost + "\r\n": {Method: []byte("OPTIONS"), Path: []byte("*")},
		"GET /old HTTP/1.0\r\n\r\n":               {Method: []byte("GET"), Path: []byte("/old"), Close: true},
		"POST /é HTTP/1.1\r\n" + aHost + "Content-Length: \t 11 \r\nexpect: 100-continue\r\n\r\nhello\r\n\r\n\r\n": {
			Method: []byte("POST"), Path: []byte("/é"), Body: []byte("hello\r\n\r\n\r\n"), Expect: true,
		},
		"POST / HTTP/1.1\r\n" + chunked + aHost + "\r\n5\r\nhello\r\n00a;b=c\r\n, worldly!\r\n0\r\nA: b\r\n\r\n": {
			Method: []byte("POST"), Path: []byte("/"), Body: []byte("hello, worldly!"),
		},
	} {
		var r Request
		var p Progress
		for length := range len(request) {
			// The data moves, as it does when a buffer grows.
			data := []byte(request[:length])
			if got, err := r.Parse(data, &p); got != 0 || err != nil {
				t.Fatalf("%q takes %d: %v.", request[:length], got, err)
			}
			if p.Need > len(request) || p.Need <= length {
				t.Fatalf("%q needs %d bytes.", request[:length], p.Need)
			}
		}
		for _, behind := range []string{"", "GET /", "\n"} {
			at := p
			got, err := r.Parse([]byte(request+behind), &at)
			if got != len(request) || err != nil {
				t.Fatalf("%q takes %d: %v.", request+behind, got, err)
			}
			if !bytes.Equal(r.Method, want.Method) || !bytes.Equal(r.Path, want.Path) || !bytes.Equal(r.Query, want.Query) ||
				!bytes.Equal(r.Body, want.Body) || r.Close != want.Close || r.Expect != want.Expect {
				t.Errorf("%q is read as %q %q %q.", request+behind, r.Method, r.Path, r.Body)
			}
		}
	}
}

func TestNothingIsCopiedOrAllocated(t *testing.T) {
	data := []byte("POST /user/1?q HTTP/1.1\r\n" + aHost + "X-Name:  a value \r\nContent-Length: 5\r\n\r\nhello")
	var r Request
	if n := testing.AllocsPerRun(100, func() {
		var p Progress
		if n, err := r.Parse(data, &p); n != len(data) || err != nil {
			t.Fatal(n, err)
		}
		if string(r.Header("x-name")) != "a value" || r.Header("nothing") != nil {
			t.Fatal("headers")
		}
	}); n != 0 {
		t.Errorf("Parsing allocates %v times.", n)
	}
	start := func(part []byte) int { return bytes.Index(data, part) }
	for name, part := range map[string][]byte{"method": r.Method, "path": r.Path, "query": r.Query, "body": r.Body} {
		if &data[start(part)] != &part[0] {
			t.Errorf("The %s lies elsewhere.", name)
		}
	}
}

// seeds are what random requests are made of: each is right or nearly so.
var seeds = []string{
	"GET /user/1/post/a HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
	"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n3;x=y\r\nabc\r\n1\r\n.\r\n0\r\nT: u\r\n\r\n",
	"GET http://a/b?c HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n",
	"OPTIONS * HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc",
}

// fragments are put in, doubled or put over what is there.
var fragments = []string{
	"\r\n", "\n", "\r", " ", "\t", ":", ";", ",", "0", "5", "a", "\x00", "\x7f", "\x80", "%", "/", "?", "*", "+", "-", "0x",
	"Host: b\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "\r\n\r\n",
	"0\r\n\r\n", "ffffffffffffffff", "HTTP/1.1", "http://", "GET / HTTP/1.1\r\n",
}

func mutate(random *rand.Rand) []byte {
	data := []byte(seeds[random.IntN(len(seeds))])
	for range random.IntN(4) {
		at := random.IntN(len(data) + 1)
		switch random.IntN(5) {
		case 0:
			data = append(data[:at:at], append([]byte(fragments[random.IntN(len(fragments))]), data[at:]...)...)
		case 1:
			end := min(len(data), at+1+random.IntN(4))
			data = append(data[:at:at], data[end:]...)
		case 2:
			if at < len(data) {
				data[at] = byte(random.IntN(256))
			}
		case 3:
			end := min(len(data), at+random.IntN(20))
			data = append(data[:end:end], data[at:]...)
		case 4:
			data = append(data, seeds[random.IntN(len(seeds))]...)
		}
	}
	if random.IntN(6) == 0 {
		data = data[:random.IntN(len(data)+1)]
	}
	return data
}

// agree holds the parser to the judge, and to itself when the data comes in two pieces.
func agree(data []byte, cut int) error {
	want, verdict := judge(string(data))
	var r Request
	var p Progress
	given := bytes.Clone(data)
	taken, err := r.Parse(given, &p)
	switch {
	case (err != nil) != (verdict == refused):
		return fmt.Errorf("%q: it says %v, and the judge %d", data, err, verdict)
	case (taken > 0) != (verdict == accepted):
		return fmt.Errorf("%q: it takes %d, and the judge says %d", data, taken, verdict)
	case taken > 0 && (taken != want.taken || string(r.Method) != want.method || string(r.Path) != want.path ||
		string(r.Query) != want.query || string(r.Body) != want.body || r.Close != want.close || r.Expect != want.expect):
		return fmt.Errorf("%q: it reads %q %q %q %q of %d bytes, and the judge %+v", data, r.Method, r.Path, r.Query, r.Body, taken, want)
	case taken > 0 && !bytes.Equal(given[taken:], data[taken:]):
		return fmt.Errorf("%q: what comes behind was changed", data)
	}
	var pieces Request
	var progress Progress
	piece, errPiece := pieces.Parse(bytes.Clone(data[:cut]), &progress)
	if piece == 0 && errPiece == nil {
		if progress.Need <= cut || verdict == accepted && progress.Need > want.taken {
			return fmt.Errorf("%q: with %d bytes it waits for %d", data, cut, progress.Need)
		}
		piece, errPiece = pieces.Parse(bytes.Clone(data), &progress)
	}
	if piece != taken || (errPiece != nil) != (err != nil) || !bytes.Equal(pieces.Body, r.Body) {
		return fmt.Errorf("%q: in two pieces, cut at %d, it takes %d and says %v", data, cut, piece, errPiece)
	}
	return nil
}

// VIE_FUZZ_RUNS sets how many requests are made; .ci/long makes ten million.
func TestAgainstAStrictParser(t *testing.T) {
	runs := 100_000
	if value := os.Getenv("VIE_FUZZ_RUNS"); value != "" {
		var err error
		if runs, err = strconv.Atoi(value); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(2026, 11))
	count := map[verdict]int{}
	for i := range runs {
		data := mutate(random)
		if err := agree(data, random.IntN(len(data)+1)); err != nil {
			t.Fatalf("Request %d: %v.", i, err)
		}
		_, verdict := judge(string(data))
		count[verdict]++
	}
	t.Logf("%d requests: %d accepted, %d refused, %d incomplete", runs, count[accepted], count[refused], count[incomplete])
	for _, verdict := range []verdict{accepted, refused, incomplete} {
		if count[verdict]*50 < runs {
			t.Errorf("Of %d requests only %d have verdict %d.", runs, count[verdict], verdict)
		}
	}
}

func FuzzAgainstAStrictParser(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), 10)
	}
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		if cut < 0 || cut > len(data) {
			return
		}
		if err := agree(data, cut); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, size := range []int{0, 200, 1024, 4096} {
		head := "GET /user/4711/post/hello-world HTTP/1.1\r\n" + aHost
		for i := 0; len(head) < size; i++ {
			head += fmt.Sprintf("X-Header-%d: %s\r\n", i, strings.Repeat("v", 40))
		}
		data := []byte(head + "\r\n")
		b.Run(fmt.Sprintf("head=%d", len(data)), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			var r Request
			for b.Loop() {
				var p Progress
				if _, err := r.Parse(data, &p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
