package app

import "bytes"

// maxSizeLine is the longest line with a chunk's size and its extensions.
const maxSizeLine = 256

// chunk reads one chunk at a place: where its data start and end, and where the next one
// starts; 0 says that it is not complete, and that it will not be with less than need bytes.
func chunk(data []byte, at int) (start, end, next, need int, err error) {
	line := bytes.IndexByte(data[at:], '\n')
	if line < 0 {
		if len(data)-at > maxSizeLine {
			return 0, 0, 0, 0, errBad
		}
		return 0, 0, 0, len(data) + 1, nil
	}
	if line == 0 || line > maxSizeLine || data[at+line-1] != '\r' {
		return 0, 0, 0, 0, errBad
	}
	digits := data[at : at+line-1]
	if extension := bytes.IndexByte(digits, ';'); extension >= 0 {
		digits = digits[:extension]
	}
	size, err := number(digits, 16)
	if err != nil {
		return 0, 0, 0, 0, err
	}
	start = at + line + 1
	end = start + size
	next = end + len("\r\n")
	if len(data) < next {
		return 0, 0, 0, next, nil
	}
	// What follows the last chunk and is no empty line is a trailer, which is refused too.
	if string(data[end:next]) != "\r\n" {
		return 0, 0, 0, 0, errBad
	}
	return start, end, next, 0, nil
}

// measureChunks gives how much of the data a chunked body takes, without copying it; 0 says
// that it is not complete, and that it will not be with less than need bytes.
func measureChunks(data []byte) (taken, need int, err error) {
	for at, body := 0, 0; ; {
		start, end, next, need, err := chunk(data, at)
		if next == 0 || err != nil {
			return 0, need, err
		}
		if body += end - start; body > maxBody {
			return 0, 0, errBodyTooLarge
		}
		if start == end {
			return next, 0, nil
		}
		at = next
	}
}

// appendChunks appends the data of a chunked body that has been measured.
func appendChunks(to, data []byte) []byte {
	for at := 0; at < len(data); {
		start, end, next, _, _ := chunk(data, at)
		to = append(to, data[start:end]...)
		at = next
	}
	return to
}
