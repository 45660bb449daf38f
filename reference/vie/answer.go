package vie

import "strconv"

// longBody is from how many bytes on a body is written from where it lies, instead of being copied
// behind its head.
const longBody = 16 << 10

// append puts an answer behind those that are not written yet. HEAD gets the head alone.
func (w *worker) append(c *Context) {
	out := w.out
	if c.status == 200 {
		out = append(out, "HTTP/1.1 200 OK\r\nDate: "...)
	} else {
		out = append(out, "HTTP/1.1 "...)
		out = strconv.AppendInt(out, int64(c.status), 10)
		out = append(out, ' ')
		out = append(out, reason(c.status)...)
		out = append(out, "\r\nDate: "...)
	}
	out = append(out, w.server.date()...)
	// These two have no body, and must not speak of one (RFC 9110, 8.6).
	bodiless := c.status == 204 || c.status == 304
	if !bodiless {
		out = append(out, "\r\nContent-Type: "...)
		out = append(out, c.media...)
		out = append(out, "\r\nContent-Length: "...)
		out = strconv.AppendInt(out, int64(len(c.body)), 10)
	}
	if c.allow != "" {
		out = append(out, "\r\nAllow: "...)
		out = append(out, c.allow...)
	}
	if c.Close {
		out = append(out, "\r\nConnection: close"...)
	}
	out = append(out, "\r\n\r\n"...)
	switch {
	case bodiless || string(c.Method) == "HEAD":
	case len(c.body) >= longBody:
		w.long = c.body
	default:
		out = append(out, c.body...)
	}
	w.out = out
}

// reason gives a status its words.
func reason(status int) string {
	switch status {
	case 200:
		return "OK"
	case 201:
		return "Created"
	case 204:
		return "No Content"
	case 304:
		return "Not Modified"
	case 400:
		return "Bad Request"
	case 401:
		return "Unauthorized"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 409:
		return "Conflict"
	case 413:
		return "Content Too Large"
	case 429:
		return "Too Many Requests"
	case 431:
		return "Request Header Fields Too Large"
	case 500:
		return "Internal Server Error"
	case 501:
		return "Not Implemented"
	case 503:
		return "Service Unavailable"
	case 505:
		return "HTTP Version Not Supported"
	}
	return "Status"
}
