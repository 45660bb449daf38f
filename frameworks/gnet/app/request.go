package app

import (
	"bytes"
	"errors"
)

// Request is one request of HTTP/1.1. What it holds is only valid until it is answered.
type Request struct {
	Method, Path []byte // the path without its query, still encoded
	Body         []byte
	Close        bool // the client asks to close the connection after the answer
	Expect       bool // the client waits for leave to send the body

	length  int  // the body's, where the head says it
	chunked bool // the body comes in chunks
	need    int  // with less than this many bytes a request that is not complete still is not
	joined  []byte
}

// The largest head and body that are read.
const (
	maxHead = 8 << 10
	maxBody = 4 << 20
)

var (
	errBad          = errors.New("the request cannot be read")
	errHeadTooLarge = errors.New("the request's head is too large")
	errBodyTooLarge = errors.New("the request's body is too large")
)

// parse reads one request from the start of the data, and gives how much of the data it
// takes; 0 says that the request is not complete yet.
func (r *Request) parse(data []byte) (int, error) {
	*r = Request{joined: r.joined[:0]}
	head, err := r.parseHead(data)
	if head == 0 || err != nil {
		return 0, err
	}
	body := data[head:]
	if r.chunked {
		taken, need, err := measureChunks(body)
		if taken == 0 || err != nil {
			r.need = head + need
			return 0, err
		}
		r.joined = appendChunks(r.joined, body[:taken])
		r.Body = r.joined
		return head + taken, nil
	}
	if len(body) < r.length {
		r.need = head + r.length
		return 0, nil
	}
	r.Body = body[:r.length]
	return head + r.length, nil
}

// parseHead reads the request line and the headers; 0 says that they are not complete.
func (r *Request) parseHead(data []byte) (int, error) {
	line, at, err := nextLine(data, 0)
	if at == 0 || err != nil {
		return 0, err
	}
	if err := r.parseRequestLine(line); err != nil {
		return 0, err
	}
	lengths, hosts := 0, 0
	for {
		start := at
		line, at, err = nextLine(data, start)
		if at == 0 || err != nil {
			return 0, err
		}
		if len(line) == 0 {
			break
		}
		name, value, err := splitHeader(line)
		if err != nil {
			return 0, err
		}
		// Lengths tell most names apart, so that few are compared.
		switch len(name) {
		case len("host"):
			if equalFold(name, "host") {
				hosts++
			}
		case len("expect"):
			if equalFold(name, "expect") {
				r.Expect = equalFold(value, "100-continue")
			}
		case len("connection"):
			if equalFold(name, "connection") {
				r.Close = r.Close || lists(value, "close")
			}
		case len("content-length"):
			if equalFold(name, "content-length") {
				lengths++
				if r.length, err = number(value, 10); err != nil {
					return 0, err
				}
			}
		case len("transfer-encoding"):
			if equalFold(name, "transfer-encoding") {
				if r.chunked || !equalFold(value, "chunked") {
					return 0, errBad
				}
				r.chunked = true
			}
		}
	}
	// Two ways to say where a body ends, or for whom a request is, are how requests are smuggled.
	if lengths > 1 || r.chunked && lengths > 0 || hosts != 1 {
		return 0, errBad
	}
	return at, nil
}

// nextLine gives the line that starts at a place, without its end, and where the next one
// starts; 0 says that the line is not complete.
func nextLine(data []byte, start int) (line []byte, next int, err error) {
	length := bytes.IndexByte(data[start:], '\n')
	next = start + length + 1
	if length < 0 && len(data) > maxHead || next > maxHead {
		return nil, 0, errHeadTooLarge
	}
	if length < 0 {
		return nil, 0, nil
	}
	if length == 0 || data[next-2] != '\r' {
		return nil, 0, errBad
	}
	return data[start : next-2], next, nil
}

// parseRequestLine reads a line such as "GET /path?query HTTP/1.1".
func (r *Request) parseRequestLine(line []byte) error {
	const version = " HTTP/1.1"
	method := bytes.IndexByte(line, ' ')
	end := len(line) - len(version)
	if method < 1 || end < method+2 || string(line[end:]) != version || line[method+1] != '/' {
		return errBad
	}
	r.Method, r.Path = line[:method], line[method+1:end]
	for _, c := range r.Method {
		if !isToken(c) {
			return errBad
		}
	}
	for _, c := range r.Path {
		if c <= ' ' || c == 0x7f {
			return errBad
		}
	}
	if query := bytes.IndexByte(r.Path, '?'); query >= 0 {
		r.Path = r.Path[:query]
	}
	return nil
}

// splitHeader cuts a header line into its name and its value without the space around it. A
// folded line has no name, and is refused like any other without.
func splitHeader(line []byte) (name, value []byte, err error) {
	colon := 0
	for colon < len(line) && isToken(line[colon]) {
		colon++
	}
	if colon == 0 || colon == len(line) || line[colon] != ':' {
		return nil, nil, errBad
	}
	value = line[colon+1:]
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return nil, nil, errBad
		}
	}
	for len(value) > 0 && isSpace(value[0]) {
		value = value[1:]
	}
	for len(value) > 0 && isSpace(value[len(value)-1]) {
		value = value[:len(value)-1]
	}
	return line[:colon], value, nil
}

// isToken tells the characters of methods and header names (RFC 9110, 5.6.2): a bit for each.
func isToken(c byte) bool {
	const low, high = 0x3ff6cfa00000000, 0x57ffffffc7fffffe
	switch {
	case c < 64:
		return low>>c&1 != 0
	case c < 128:
		return high>>(c-64)&1 != 0
	}
	return false
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// equalFold compares with a word in lower case, whatever the case of the text.
func equalFold(text []byte, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i := range len(word) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// lists tells whether a word is in a list with commas.
func lists(value []byte, word string) bool {
	for len(value) > 0 {
		item := value
		if comma := bytes.IndexByte(value, ','); comma >= 0 {
			item, value = value[:comma], value[comma+1:]
		} else {
			value = nil
		}
		if equalFold(bytes.Trim(item, " \t"), word) {
			return true
		}
	}
	return false
}

// number reads a length: digits of the base and nothing else.
func number(digits []byte, base int) (int, error) {
	if len(digits) == 0 {
		return 0, errBad
	}
	n := 0
	for _, c := range digits {
		digit := hexDigit(c)
		if digit < 0 || digit >= base {
			return 0, errBad
		}
		// Stays above the limit from here on, and the digits are still looked at.
		n = min(n*base+digit, maxBody+1)
	}
	if n > maxBody {
		return 0, errBodyTooLarge
	}
	return n, nil
}

// hexDigit is the value of a digit, -1 if it is none.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
