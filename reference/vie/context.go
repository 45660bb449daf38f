package vie

import (
	"bytes"
	"unsafe"

	"bench.lab/reference/vie/http1"
	"bench.lab/reference/vie/router"
)

// Context is a request and the answer to it. All that it hands out are parts of the buffer that the
// request was read into: valid until the handler returns, and not to be changed.
type Context struct {
	http1.Request

	worker *worker
	values router.Values
	names  []string
	status int
	media  string
	allow  string
	body   []byte // the answer's
}

// The media types that handlers ask for most.
const (
	Text   = "text/plain; charset=utf-8"
	JSON   = "application/json"
	Binary = "application/octet-stream"
)

// reset prepares for a request that has been parsed.
func (c *Context) reset(w *worker) {
	c.worker, c.names, c.status, c.media, c.allow, c.body = w, nil, 200, Text, "", nil
	w.own, w.decoded = w.own[:0], w.decoded[:0]
}

// Param gives a parameter of the route, decoded; nil where the route has none of that name. Only a
// parameter that was sent encoded is copied.
func (c *Context) Param(name string) []byte {
	for i, known := range c.names {
		if known != name {
			continue
		}
		value := c.values.At[i]
		if bytes.IndexByte(value, '%') < 0 {
			return value
		}
		start := len(c.worker.decoded)
		c.worker.decoded, _ = http1.AppendDecoded(c.worker.decoded, value)
		return c.worker.decoded[start:len(c.worker.decoded):len(c.worker.decoded)]
	}
	return nil
}

// Status sets the answer's status; it is 200 by itself.
func (c *Context) Status(status int) { c.status = status }

// Type sets the answer's media type; it is plain text in UTF-8 by itself.
func (c *Context) Type(media string) { c.media = media }

// String answers with a text as it is.
func (c *Context) String(text string) { c.body = unsafe.Slice(unsafe.StringData(text), len(text)) }

// Bytes answers with bytes as they are, of a media type. They are not copied, and must not be
// changed before they are written: what never changes may be given, and parts of the request.
func (c *Context) Bytes(media string, body []byte) { c.media, c.body = media, body }

// Write puts bytes behind what the answer has already, and copies them. Its error is always nil.
func (c *Context) Write(part []byte) (int, error) {
	c.worker.own = append(c.worker.own, part...)
	c.body = c.worker.own
	return len(part), nil
}

// WriteString is Write for a text.
func (c *Context) WriteString(part string) (int, error) {
	c.worker.own = append(c.worker.own, part...)
	c.body = c.worker.own
	return len(part), nil
}

// JSON answers with a value, serialised by encoding/json. A value that it refuses gives 500.
func (c *Context) JSON(value any) {
	body, err := c.worker.encode(value)
	if err != nil {
		c.Error(500)
		return
	}
	c.media, c.body = JSON, body
}

// Error answers with a status and its words.
func (c *Context) Error(status int) {
	c.status, c.media = status, Text
	c.String(reason(status))
}
