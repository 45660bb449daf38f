package http1

import "bytes"

// What a byte may be part of, a bit each.
const (
	token   = 1 << iota // methods and header names (RFC 9110, 5.6.2)
	field               // header values: visible, space, tab, and bytes above 127 (RFC 9110, 5.5)
	visible             // targets: what is no space and no control; bytes above 127 are taken
	host                // Host: an authority without user
)

// class has the bits of each byte.
var class = func() (class [256]uint8) {
	for c := range class {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' && c < 0x80
		digit := '0' <= c && c <= '9'
		if letter || digit || bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), byte(c)) >= 0 {
			class[c] |= token
		}
		if letter || digit || bytes.IndexByte([]byte("-._~!$&'()*+,;=:[]%"), byte(c)) >= 0 {
			class[c] |= host
		}
		if c > ' ' && c != 0x7f {
			class[c] |= visible | field
		}
	}
	class[' '] |= field
	class['\t'] |= field
	return class
}()

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

// trim leaves out the space around a value.
func trim(value []byte) []byte {
	for len(value) > 0 && (value[0] == ' ' || value[0] == '\t') {
		value = value[1:]
	}
	for len(value) > 0 && (value[len(value)-1] == ' ' || value[len(value)-1] == '\t') {
		value = value[:len(value)-1]
	}
	return value
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
		if equalFold(trim(item), word) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// decimal reads a length: digits and nothing else.
func decimal(digits []byte) (int, error) {
	if len(digits) == 0 {
		return 0, ErrBad
	}
	n := 0
	for _, c := range digits {
		if !isDigit(c) {
			return 0, ErrBad
		}
		// Stays above the limit from here on, and the digits are still looked at.
		n = min(n*10+int(c-'0'), MaxBody+1)
	}
	if n > MaxBody {
		return 0, ErrBody
	}
	return n, nil
}

// hexadecimal reads a chunk's size.
func hexadecimal(digits []byte) (int, error) {
	if len(digits) == 0 {
		return 0, ErrBad
	}
	n := 0
	for _, c := range digits {
		digit := HexDigit(c)
		if digit < 0 {
			return 0, ErrBad
		}
		n = min(n<<4|digit, MaxBody+1)
	}
	if n > MaxBody {
		return 0, ErrBody
	}
	return n, nil
}

// HexDigit is the value of a digit, -1 if it is none.
func HexDigit(c byte) int {
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

// AppendDecoded appends text without its percent-encoding, or says that it is none.
func AppendDecoded(to, text []byte) ([]byte, bool) {
	for {
		percent := bytes.IndexByte(text, '%')
		if percent < 0 {
			return append(to, text...), true
		}
		if len(text) < percent+3 {
			return to, false
		}
		high, low := HexDigit(text[percent+1]), HexDigit(text[percent+2])
		if high < 0 || low < 0 {
			return to, false
		}
		to = append(append(to, text[:percent]...), byte(high<<4|low))
		text = text[percent+3:]
	}
}
