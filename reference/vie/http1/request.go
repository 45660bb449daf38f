// Package http1 reads requests of HTTP/1.1 where they lie: all that a request holds are slices of
// the buffer that was read into, and nothing is copied. It is strict: what two readers could
// understand differently (RFC 9112, 11.2) is refused.
package http1

import (
	"bytes"
	"errors"
)

// Request is one request. Its slices are parts of the data that was parsed: they are valid as long
// as that is not overwritten.
type Request struct {
	Method []byte
	Path   []byte // without the query, still percent-encoded
	Query  []byte // behind the question mark
	Head   []byte // the header lines, each with its end
	Body   []byte // without the chunked coding
	Close  bool   // the connection ends after the answer
	Expect bool   // the client waits for leave to send the body

	length  int // the body's, where the head says it
	chunked bool
}

// The largest head, body, and body with its chunks' sizes around it.
const (
	MaxHead    = 16 << 10
	MaxBody    = 4 << 20
	maxChunked = 2 * MaxBody
)

// Why a request is refused. Each goes with a status.
var (
	ErrBad      = errors.New("the request cannot be read")               // 400
	ErrHead     = errors.New("the request's head is too large")          // 431
	ErrBody     = errors.New("the request's body is too large")          // 413
	ErrCoding   = errors.New("the request's transfer coding is unknown") // 501
	ErrVersion  = errors.New("the request's version is not HTTP/1")      // 505
	errNotWhole = errors.New("the request is not complete")
)

// Progress is what is known of a request that is not complete. Its zero value is for one of which
// nothing was read.
type Progress struct {
	Need  int // with less than this many bytes it still is not
	head  int // the head's length, once that is complete
	chunk int // where the next chunk starts, behind the head
	size  int // the data of the chunks before it
}

// Parse reads one request from the start of the data, and gives how many bytes it takes; 0 says that
// it is not complete. After 0, Parse is called again with the same data and more behind it, and the
// same Request and Progress. A request in chunks is joined in its place, which changes the data.
func (r *Request) Parse(data []byte, p *Progress) (int, error) {
	if p.head == 0 {
		head, err := r.parseHead(data)
		if err == errNotWhole {
			p.Need = len(data) + 1
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		p.head = head
	} else {
		// The data may have moved to a larger buffer.
		r.parseHead(data)
	}
	if r.chunked {
		return r.parseChunks(data, p)
	}
	end := p.head + r.length
	if len(data) < end {
		p.Need = end
		return 0, nil
	}
	r.Body = data[p.head:end:end]
	return end, nil
}

// AwaitsLeave tells that the head is complete and the client waits for "100 Continue".
func (r *Request) AwaitsLeave(p *Progress) bool { return p.head > 0 && r.Expect }

// Header gives the value of a header, by its name in lower case; nil where there is none. It looks
// through the head each time, so that a request needs no list of its headers.
func (r *Request) Header(name string) []byte {
	for rest := r.Head; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		line := rest[:end-1]
		rest = rest[end+1:]
		colon := bytes.IndexByte(line, ':')
		if equalFold(line[:colon], name) {
			return trim(line[colon+1:])
		}
	}
	return nil
}

// parseHead reads the request line and the headers.
func (r *Request) parseHead(data []byte) (int, error) {
	*r = Request{}
	line, at, err := nextLine(data, 0)
	if err != nil {
		return 0, err
	}
	old, err := r.parseRequestLine(line)
	if err != nil {
		return 0, err
	}
	start := at
	lengths, hosts, codings := 0, 0, 0
	for {
		line, at, err = nextLine(data, at)
		if err != nil {
			return 0, err
		}
		if len(line) == 0 {
			break
		}
		colon := 0
		for colon < len(line) && class[line[colon]]&token != 0 {
			colon++
		}
		// A folded line has no name, nor has one with space before its colon.
		if colon == 0 || colon == len(line) || line[colon] != ':' {
			return 0, ErrBad
		}
		value := line[colon+1:]
		for _, c := range value {
			if class[c]&field == 0 {
				return 0, ErrBad
			}
		}
		// Lengths tell most names apart, so that few are compared.
		switch name := line[:colon]; colon {
		case len("host"):
			if equalFold(name, "host") {
				hosts++
				if !isHost(trim(value)) {
					return 0, ErrBad
				}
			}
		case len("expect"):
			if equalFold(name, "expect") {
				r.Expect = equalFold(trim(value), "100-continue")
			}
		case len("connection"):
			if equalFold(name, "connection") && lists(value, "close") {
				r.Close = true
			}
		case len("content-length"):
			if equalFold(name, "content-length") {
				lengths++
				if r.length, err = decimal(trim(value)); err != nil {
					return 0, err
				}
			}
		case len("transfer-encoding"):
			if equalFold(name, "transfer-encoding") {
				codings++
				if !equalFold(trim(value), "chunked") {
					if bytes.IndexByte(value, ',') >= 0 || len(trim(value)) == 0 {
						return 0, ErrBad
					}
					return 0, ErrCoding
				}
				r.chunked = true
			}
		}
	}
	// Two ways to say where a body ends, or for whom a request is, are how requests are smuggled. In
	// HTTP/1.0 there are no chunks, and a Host is not asked for.
	if lengths > 1 || codings > 1 || codings > 0 && (lengths > 0 || old) || hosts > 1 || hosts == 0 && !old {
		return 0, ErrBad
	}
	r.Close = r.Close || old
	r.Head = data[start : at-len("\r\n")]
	return at, nil
}

// nextLine gives the line that starts at a place, without its end, and where the next one starts.
func nextLine(data []byte, start int) (line []byte, next int, err error) {
	length := bytes.IndexByte(data[start:], '\n')
	if length < 0 {
		if len(data) > MaxHead {
			return nil, 0, ErrHead
		}
		return nil, 0, errNotWhole
	}
	next = start + length + 1
	if next > MaxHead {
		return nil, 0, ErrHead
	}
	if length == 0 || data[next-2] != '\r' {
		return nil, 0, ErrBad
	}
	return data[start : next-2 : next-2], next, nil
}

// parseRequestLine reads a line such as "GET /path?query HTTP/1.1". Old is HTTP/1.0.
func (r *Request) parseRequestLine(line []byte) (old bool, err error) {
	const version = " HTTP/1."
	method := bytes.IndexByte(line, ' ')
	end := len(line) - len(version) - 1
	if method < 1 || end < method+2 {
		return false, ErrBad
	}
	minor := line[len(line)-1]
	if string(line[end:len(line)-1]) != version || minor != '0' && minor != '1' {
		if last := bytes.LastIndexByte(line, ' '); isVersion(line[last+1:]) && last > method {
			return false, ErrVersion
		}
		return false, ErrBad
	}
	r.Method = line[:method:method]
	for _, c := range r.Method {
		if class[c]&token == 0 {
			return false, ErrBad
		}
	}
	target := line[method+1 : end : end]
	for _, c := range target {
		if class[c]&visible == 0 {
			return false, ErrBad
		}
	}
	if target[0] != '/' {
		if target, err = r.path(target); err != nil {
			return false, err
		}
	}
	r.Path = target
	if query := bytes.IndexByte(target, '?'); query >= 0 {
		r.Path, r.Query = target[:query:query], target[query+1:]
	}
	return minor == '0', nil
}

// path reads the two other forms of a target: "*" of OPTIONS, and one with scheme and authority,
// which every server has to take (RFC 9112, 3.2.2).
func (r *Request) path(target []byte) ([]byte, error) {
	const scheme = "http://"
	if string(target) == "*" && string(r.Method) == "OPTIONS" {
		return target, nil
	}
	if len(target) <= len(scheme) || !equalFold(target[:len(scheme)], scheme) {
		return nil, ErrBad
	}
	rest := target[len(scheme):]
	slash := bytes.IndexByte(rest, '/')
	if slash < 1 || !isHost(rest[:slash]) {
		return nil, ErrBad
	}
	return rest[slash:], nil
}

// isVersion tells "HTTP/2.0" and its like.
func isVersion(word []byte) bool {
	const name = "HTTP/"
	return len(word) == len(name)+3 && string(word[:len(name)]) == name && isDigit(word[5]) && word[6] == '.' && isDigit(word[7])
}

// isHost tells what may stand in Host: nothing, or characters of an authority without user.
func isHost(value []byte) bool {
	for _, c := range value {
		if class[c]&host == 0 {
			return false
		}
	}
	return true
}
