package app

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

const host = "Host: localhost\r\n"

func TestTokens(t *testing.T) {
	const tokens = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for c := range 256 {
		if got, want := isToken(byte(c)), strings.IndexByte(tokens, byte(c)) >= 0; got != want {
			t.Errorf("isToken(%q) is %t.", byte(c), got)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	for request, want := range map[string]error{
		"GET /a HTTP/1.0\r\n" + host + "\r\n":                                               errBad,
		"GET  /a HTTP/1.1\r\n" + host + "\r\n":                                              errBad,
		"GET /a b HTTP/1.1\r\n" + host + "\r\n":                                             errBad,
		"GET a HTTP/1.1\r\n" + host + "\r\n":                                                errBad,
		"GET /a\x00 HTTP/1.1\r\n" + host + "\r\n":                                           errBad,
		"G(T /a HTTP/1.1\r\n" + host + "\r\n":                                               errBad,
		" /a HTTP/1.1\r\n" + host + "\r\n":                                                  errBad,
		"GET HTTP/1.1\r\n" + host + "\r\n":                                                  errBad,
		"\r\n":                                                                              errBad,
		"\n":                                                                                errBad,
		"GET /a HTTP/1.1\n" + host + "\r\n":                                                 errBad,
		"GET /a HTTP/1.1\r\n\r\n":                                                           errBad,
		"GET /a HTTP/1.1\r\n" + host + host + "\r\n":                                        errBad,
		"GET /a HTTP/1.1\r\n" + host + "A : b\r\n\r\n":                                      errBad,
		"GET /a HTTP/1.1\r\n" + host + ": b\r\n\r\n":                                        errBad,
		"GET /a HTTP/1.1\r\n" + host + "A\r\n\r\n":                                          errBad,
		"GET /a HTTP/1.1\r\n" + host + "A: b\r\n c\r\n\r\n":                                 errBad,
		"GET /a HTTP/1.1\r\n" + host + "A: b\rc\r\n\r\n":                                    errBad,
		"GET /a HTTP/1.1\r\n" + host + "A: b\x00\r\n\r\n":                                   errBad,
		"GET /a HTTP/1.1\r\n" + host + "A: b\nB: c\r\n\r\n":                                 errBad,
		"POST /a HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\n":                           errBad,
		"POST /a HTTP/1.1\r\n" + host + "Content-Length: +5\r\n\r\n":                        errBad,
		"POST /a HTTP/1.1\r\n" + host + "Content-Length: 0x5\r\n\r\n":                       errBad,
		"POST /a HTTP/1.1\r\n" + host + "Content-Length: a\r\n\r\n":                         errBad,
		"POST /a HTTP/1.1\r\n" + host + "Content-Length: 5, 5\r\n\r\n":                      errBad,
		"POST /a HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n":    errBad,
		"POST /a HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999999\r\n\r\n":   errBodyTooLarge,
		"POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n":          errBad,
		"POST /a HTTP/1.1\r\n" + host + chunked + chunked + "\r\n":                          errBad,
		"POST /a HTTP/1.1\r\n" + host + "Content-Length: 5\r\n" + chunked + "\r\n":          errBad,
		"POST /a HTTP/1.1\r\n" + host + chunked + "\r\n5\nhello\r\n0\r\n\r\n":               errBad,
		"POST /a HTTP/1.1\r\n" + host + chunked + "\r\n\r\nhello\r\n0\r\n\r\n":              errBad,
		"POST /a HTTP/1.1\r\n" + host + chunked + "\r\n5 \r\nhello\r\n0\r\n\r\n":            errBad,
		"POST /a HTTP/1.1\r\n" + host + chunked + "\r\n3\r\nhello\r\n0\r\n\r\n":             errBad,
		"POST /a HTTP/1.1\r\n" + host + chunked + "\r\n0\r\nA: b\r\n\r\n":                   errBad,
		"POST /a HTTP/1.1\r\n" + host + chunked + "\r\n10000000000000005\r\nhello":          errBodyTooLarge,
		"POST /a HTTP/1.1\r\n" + host + chunked + "\r\n" + strings.Repeat("0", 300):         errBad,
		"GET /a HTTP/1.1\r\n" + host + "A: " + strings.Repeat("b", maxHead) + "\r\n\r\n":    errHeadTooLarge,
		"GET /" + strings.Repeat("b", maxHead):                                              errHeadTooLarge,
		"GET /a HTTP/1.1\r\n" + host + strings.Repeat("A: b\r\n", maxHead/6) + "\r\n":       errHeadTooLarge,
		"POST /a HTTP/1.1\r\n" + host + chunked + "\r\n1;" + strings.Repeat("a", 300) + ":": errBad,
	} {
		var r Request
		if _, err := r.parse([]byte(request)); !errors.Is(err, want) {
			t.Errorf("%.90q: got %v, want %v.", request, err, want)
		}
	}
}

const chunked = "transfer-ENCODING: Chunked\r\n"

// Whatever pieces a request comes in, it is not complete before its last byte, it is not waited
// for with more bytes than it has, and what comes behind it is not touched.
func TestPiecesMakeTheSameRequest(t *testing.T) {
	for request, want := range map[string]Request{
		"GET /a/b?c HTTP/1.1\r\n" + host + "A:\r\nConnection: a, Close\r\n\r\n": {
			Method: []byte("GET"), Path: []byte("/a/b"), Close: true,
		},
		"POST /é HTTP/1.1\r\n" + host + "Content-Length: \t 11 \r\nexpect: 100-continue\r\n\r\nhello\r\n\r\n\r\n": {
			Method: []byte("POST"), Path: []byte("/é"), Body: []byte("hello\r\n\r\n\r\n"), Expect: true,
		},
		"POST / HTTP/1.1\r\n" + chunked + host + "\r\n5\r\nhello\r\n00a;b=c\r\n, worldly!\r\n0\r\n\r\n": {
			Method: []byte("POST"), Path: []byte("/"), Body: []byte("hello, worldly!"),
		},
	} {
		var r Request
		for length := range len(request) {
			if got, err := r.parse([]byte(request[:length])); got != 0 || err != nil {
				t.Fatalf("%q takes %d: %v.", request[:length], got, err)
			}
			if r.need > len(request) || r.need > 0 && r.need <= length {
				t.Fatalf("%q needs %d bytes.", request[:length], r.need)
			}
		}
		for _, behind := range []string{"", "GET /", "\n"} {
			got, err := r.parse([]byte(request + behind))
			if got != len(request) || err != nil {
				t.Fatalf("%q takes %d: %v.", request+behind, got, err)
			}
			if !bytes.Equal(r.Method, want.Method) || !bytes.Equal(r.Path, want.Path) ||
				!bytes.Equal(r.Body, want.Body) || r.Close != want.Close || r.Expect != want.Expect {
				t.Errorf("%q is read as %q %q %q.", request+behind, r.Method, r.Path, r.Body)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\n" + chunked + host + "\r\n5\r\nhello\r\n0\r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var whole, piece Request
		length, err := whole.parse(data)
		if length < 0 || length > len(data) || err != nil && length != 0 {
			t.Fatalf("takes %d of %d: %v", length, len(data), err)
		}
		for cut := range length {
			if got, err := piece.parse(data[:cut]); got != 0 || err != nil {
				t.Fatalf("%q takes %d: %v", data[:cut], got, err)
			}
		}
	})
}
