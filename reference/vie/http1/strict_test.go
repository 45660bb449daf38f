package http1

import (
	"regexp"
	"strconv"
	"strings"
)

// The judge of the parser: the grammar of RFC 9112 as regular expressions over the whole text.
// It is slow, keeps no place where it stopped, and shares no line with what it judges.

type verdict int

const (
	incomplete verdict = iota
	refused
	accepted
)

// whole is what the judge read of a request.
type whole struct {
	method, path, query, body string
	close, expect             bool
	taken                     int
}

var (
	requestLine = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\\x00-\\x20\\x7f]+) HTTP/1\\.([01])\r\n$")
	headerLine  = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[^\\x00-\\x08\\x0a-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?)[ \t]*\r\n$")
	origin      = regexp.MustCompile(`^(/[^?]*)(?:\?(.*))?$`)
	absolute    = regexp.MustCompile(`^(?i:http)://[A-Za-z0-9._~!$&'()*+,;=:\[\]%-]+(/[^?]*)(?:\?(.*))?$`)
	authority   = regexp.MustCompile(`^[A-Za-z0-9._~!$&'()*+,;=:\[\]%-]*$`)
	sizeLine    = regexp.MustCompile("^([0-9A-Fa-f]+)(?:;[^\\x00-\\x08\\x0a-\\x1f\\x7f]*)?\r\n$")
	digits      = regexp.MustCompile(`^[0-9]+$`)
)

// line cuts the next line off, its end included.
func cutLine(text string) (line, rest string, found bool) {
	end := strings.Index(text, "\n")
	if end < 0 {
		return "", text, false
	}
	return text[:end+1], text[end+1:], true
}

func judge(text string) (w whole, v verdict) {
	all := text
	line, rest, found := cutLine(text)
	if !found {
		return w, tooLong(len(text) > MaxHead)
	}
	parts := requestLine.FindStringSubmatch(latin(line))
	if parts == nil || len(line) > MaxHead {
		return w, refused
	}
	w.method = line[:len(parts[1])]
	target := line[len(w.method)+1 : len(line)-len(" HTTP/1.1\r\n")]
	switch {
	case origin.MatchString(target):
		w.path, w.query, _ = strings.Cut(target, "?")
	case absolute.MatchString(target):
		behind := target[len("http://"):]
		w.path, w.query, _ = strings.Cut(behind[strings.Index(behind, "/"):], "?")
	case target == "*" && w.method == "OPTIONS":
		w.path = target
	default:
		return w, refused
	}
	old := parts[3] == "0"
	headers := map[string][]string{}
	for {
		line, rest, found = cutLine(rest)
		if !found {
			return w, tooLong(len(all) > MaxHead)
		}
		if len(all)-len(rest) > MaxHead {
			return w, refused
		}
		if line == "\r\n" {
			break
		}
		pair := headerLine.FindStringSubmatch(latin(line))
		if pair == nil {
			return w, refused
		}
		name := strings.ToLower(pair[1])
		headers[name] = append(headers[name], pair[2])
		// What one line alone makes wrong is wrong before the head is complete.
		if name == "host" && !authority.MatchString(pair[2]) || name == "content-length" && !length(pair[2]) ||
			name == "transfer-encoding" && !strings.EqualFold(pair[2], "chunked") {
			return w, refused
		}
	}
	hosts, lengths, codings := headers["host"], headers["content-length"], headers["transfer-encoding"]
	switch {
	case len(hosts) > 1, len(hosts) == 0 && !old, len(lengths) > 1, len(codings) > 1,
		len(codings) > 0 && len(lengths) > 0, len(codings) > 0 && old:
		return w, refused
	}
	w.close = old
	for _, value := range headers["connection"] {
		for _, item := range strings.Split(value, ",") {
			w.close = w.close || strings.EqualFold(strings.Trim(item, " \t"), "close")
		}
	}
	if expect := headers["expect"]; len(expect) > 0 {
		w.expect = strings.EqualFold(expect[len(expect)-1], "100-continue")
	}
	if len(codings) == 0 {
		n := 0
		if len(lengths) > 0 {
			n, _ = strconv.Atoi(lengths[0])
		}
		if len(rest) < n {
			return w, incomplete
		}
		w.body = rest[:n]
		w.taken = len(all) - len(rest) + n
		return w, accepted
	}
	return w.chunks(all, rest)
}

func (w whole) chunks(all, rest string) (whole, verdict) {
	for {
		line, behind, found := cutLine(rest)
		if !found {
			return w, tooLong(len(rest) > maxSizeLine)
		}
		parts := sizeLine.FindStringSubmatch(latin(line))
		if parts == nil || len(line) > maxSizeLine+1 {
			return w, refused
		}
		size, err := strconv.ParseUint(parts[1], 16, 40)
		if err != nil || int(size)+len(w.body) > MaxBody {
			return w, refused
		}
		rest = behind
		if size == 0 {
			break
		}
		if n := int(size); len(rest) < n+2 {
			if len(rest) == n+1 && rest[n] != '\r' {
				return w, refused
			}
			return w, incomplete
		} else if rest[n:n+2] != "\r\n" {
			return w, refused
		} else {
			w.body += rest[:n]
			rest = rest[n+2:]
		}
	}
	trailers := rest
	for {
		line, behind, found := cutLine(rest)
		if !found {
			return w, tooLong(len(trailers) > MaxHead)
		}
		rest = behind
		if len(trailers)-len(rest) > MaxHead {
			return w, refused
		}
		if line == "\r\n" {
			w.taken = len(all) - len(rest)
			return w, accepted
		}
		if !headerLine.MatchString(latin(line)) {
			return w, refused
		}
	}
}

func tooLong(is bool) verdict {
	if is {
		return refused
	}
	return incomplete
}

func length(value string) bool {
	if !digits.MatchString(value) {
		return false
	}
	value = strings.TrimLeft(value, "0")
	n, err := strconv.Atoi("0" + value)
	return err == nil && n <= MaxBody
}

// latin makes each byte one rune, since the expressions are about bytes.
func latin(text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 {
			runes := make([]rune, len(text))
			for j := range len(text) {
				runes[j] = rune(text[j])
			}
			return string(runes)
		}
	}
	return text
}
