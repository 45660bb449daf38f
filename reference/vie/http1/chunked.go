package http1

import "bytes"

// maxSizeLine is the longest line with a chunk's size and its extensions.
const maxSizeLine = 256

// parseChunks goes on with a body in chunks where it stopped. Once the last one is there, their
// data is moved together, in the place where the first one lies.
func (r *Request) parseChunks(data []byte, p *Progress) (int, error) {
	body := data[p.head:]
	for {
		start, end, err := nextChunk(body, p.chunk)
		size := end - start
		if p.size+size > MaxBody || end > maxChunked {
			return 0, ErrBody
		}
		if err == errNotWhole {
			p.Need = p.head + max(end+len("\r\n"), len(body)+1)
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		if size > 0 {
			p.size += size
			p.chunk = end + len("\r\n")
			continue
		}
		// Behind the last chunk come trailers, which are held to the rules for headers and then
		// dropped, and an empty line.
		taken, err := trailers(body[start:])
		if err == errNotWhole {
			p.Need = len(data) + 1
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		r.join(body)
		return p.head + start + taken, nil
	}
}

// nextChunk reads one chunk at a place: where its data starts and ends, also where the data is not
// complete; both are 0 where its size is not.
func nextChunk(body []byte, at int) (start, end int, err error) {
	line := bytes.IndexByte(body[at:], '\n')
	if line < 0 {
		if len(body)-at > maxSizeLine {
			return 0, 0, ErrBad
		}
		return 0, 0, errNotWhole
	}
	if line == 0 || line > maxSizeLine || body[at+line-1] != '\r' {
		return 0, 0, ErrBad
	}
	digits := body[at : at+line-1]
	if extension := bytes.IndexByte(digits, ';'); extension >= 0 {
		for _, c := range digits[extension:] {
			if class[c]&field == 0 {
				return 0, 0, ErrBad
			}
		}
		digits = digits[:extension]
	}
	size, err := hexadecimal(digits)
	if err != nil {
		return 0, 0, err
	}
	start = at + line + 1
	end = start + size
	if size == 0 {
		return start, end, nil
	}
	if len(body) < end+len("\r\n") {
		// What is there of the end is looked at already: it might be a size that lies.
		if len(body) > end && body[end] != '\r' {
			return 0, 0, ErrBad
		}
		return start, end, errNotWhole
	}
	if body[end] != '\r' || body[end+1] != '\n' {
		return 0, 0, ErrBad
	}
	return start, end, nil
}

// trailers gives how many bytes the lines behind the last chunk take.
func trailers(data []byte) (int, error) {
	for at := 0; ; {
		line, next, err := nextLine(data, at)
		if err != nil {
			return 0, err
		}
		if len(line) == 0 {
			return next, nil
		}
		colon := 0
		for colon < len(line) && class[line[colon]]&token != 0 {
			colon++
		}
		if colon == 0 || colon == len(line) || line[colon] != ':' {
			return 0, ErrBad
		}
		for _, c := range line[colon+1:] {
			if class[c]&field == 0 {
				return 0, ErrBad
			}
		}
		at = next
	}
}

// join moves the data of chunks that have all been read to the front of the body.
func (r *Request) join(body []byte) {
	length := 0
	for at := 0; ; {
		start, end, _ := nextChunk(body, at)
		if start == end {
			break
		}
		at = end + len("\r\n")
		// The size line before has been read: what is moved never reaches beyond it.
		length += copy(body[length:], body[start:end])
	}
	r.Body = body[:length:length]
}
