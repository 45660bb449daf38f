package app

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Request is one request of HTTP/1.1. Its body is only valid until it is answered.
type Request struct {
	Method, Path string // the path without its query, still encoded
	Body         []byte
	Close        bool // the client asks to close the connection after the answer
}

// Response is the answer to a request.
type Response struct {
	Status int
	Type   string
	Body   []byte
}

// The largest head and body that are read.
const (
	maxHead = 8 << 10
	maxBody = 4 << 20
)

var (
	errBad      = errors.New("the request cannot be read")
	errTooLarge = errors.New("the request is too large")
)

// parse reads one request from the start of the data. Length is how much of the data it
// takes; 0 says that the request is not complete yet.
func parse(data []byte) (request *Request, length int, err error) {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 || end > maxHead {
		if len(data) > maxHead {
			return nil, 0, errTooLarge
		}
		return nil, 0, nil
	}
	lines := strings.Split(string(data[:end]), "\r\n")
	words := strings.Split(lines[0], " ")
	if len(words) != 3 || words[2] != "HTTP/1.1" || !strings.HasPrefix(words[1], "/") {
		return nil, 0, errBad
	}
	request = &Request{Method: words[0]}
	request.Path, _, _ = strings.Cut(words[1], "?")

	body, chunked, lengths := 0, false, 0
	for _, line := range lines[1:] {
		name, value, found := strings.Cut(line, ":")
		if !found || name == "" || strings.ContainsAny(name, " \t") {
			return nil, 0, errBad
		}
		value = strings.Trim(value, " \t")
		switch strings.ToLower(name) {
		case "content-length":
			if body, err = number(value, 10); err != nil {
				return nil, 0, err
			}
			lengths++
		case "transfer-encoding":
			if !strings.EqualFold(value, "chunked") {
				return nil, 0, errBad
			}
			chunked = true
		case "connection":
			request.Close = strings.EqualFold(value, "close")
		}
	}
	// Two ways to say where a body ends are how requests are smuggled.
	if lengths > 1 || (chunked && lengths > 0) {
		return nil, 0, errBad
	}

	end += len("\r\n\r\n")
	if chunked {
		taken := 0
		if request.Body, taken, err = dechunk(data[end:]); taken == 0 || err != nil {
			return nil, 0, err
		}
		return request, end + taken, nil
	}
	if len(data) < end+body {
		return nil, 0, nil
	}
	request.Body = data[end : end+body]
	return request, end + body, nil
}

// dechunk reads a chunked body. Taken is 0 as long as it is not complete.
func dechunk(data []byte) (body []byte, taken int, err error) {
	for {
		line := bytes.Index(data[taken:], []byte("\r\n"))
		if line < 0 {
			return nil, 0, nil
		}
		size, _, _ := strings.Cut(string(data[taken:taken+line]), ";")
		n, err := number(size, 16)
		if err != nil {
			return nil, 0, err
		}
		if len(body)+n > maxBody {
			return nil, 0, errTooLarge
		}
		taken += line + len("\r\n")
		if len(data) < taken+n+len("\r\n") {
			return nil, 0, nil
		}
		if string(data[taken+n:taken+n+2]) != "\r\n" {
			// Trailers are refused too.
			return nil, 0, errBad
		}
		body = append(body, data[taken:taken+n]...)
		taken += n + len("\r\n")
		if n == 0 {
			return body, taken, nil
		}
	}
}

// number reads a length.
func number(digits string, base int) (int, error) {
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 0, errBad
	}
	if n > maxBody {
		return 0, errTooLarge
	}
	return int(n), nil
}

// appendResponse writes an answer. HEAD gets the head alone.
func appendResponse(to []byte, request *Request, response Response) []byte {
	to = append(to, "HTTP/1.1 "...)
	to = strconv.AppendInt(to, int64(response.Status), 10)
	to = append(to, ' ')
	to = append(to, reason(response.Status)...)
	to = append(to, "\r\nDate: "...)
	to = time.Now().UTC().AppendFormat(to, "Mon, 02 Jan 2006 15:04:05 GMT")
	to = append(to, "\r\nContent-Type: "...)
	to = append(to, response.Type...)
	to = append(to, "\r\nContent-Length: "...)
	to = strconv.AppendInt(to, int64(len(response.Body)), 10)
	if request.Close {
		to = append(to, "\r\nConnection: close"...)
	}
	to = append(to, "\r\n\r\n"...)
	if request.Method == "HEAD" {
		return to
	}
	return append(to, response.Body...)
}

func reason(status int) string {
	switch status {
	case 200:
		return "OK"
	case 400:
		return "Bad Request"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 413:
		return "Content Too Large"
	}
	return ""
}
