package vie

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"bench.lab/reference/vie/http1"
	"bench.lab/reference/vie/pool"
)

// flushAt is how many bytes of answers are gathered before they are written.
const flushAt = 16 << 10

// worker is what one goroutine needs to answer requests. A loop has one, and each goroutine that
// runs handlers.
type worker struct {
	server  *server
	pool    *pool.Local
	out     []byte // answers that are not written yet
	long    []byte // a body behind them, where it lies
	own     []byte // what a handler writes by parts
	decoded []byte // parameters that were sent encoded
	encoded bytes.Buffer
	encoder *json.Encoder
}

func newWorker(server *server, local *pool.Local) *worker {
	w := &worker{server: server, pool: local, out: make([]byte, 0, 4<<10)}
	w.encoder = json.NewEncoder(&w.encoded)
	return w
}

func (w *worker) encode(value any) ([]byte, error) {
	w.encoded.Reset()
	err := w.encoder.Encode(value)
	return w.encoded.Bytes(), err
}

// process answers the whole requests that a connection has, and keeps what is left of the next.
func (w *worker) process(c *conn) {
	at := 0
	for at < c.have && !c.closing && c.pending == nil {
		context := w.server.context(c)
		taken, err := context.Parse(c.buffer[at:c.have], &c.progress)
		if err != nil {
			w.refuse(context, err)
			c.closing, c.lingers = true, true
			at = c.have
		} else if taken == 0 {
			if context.AwaitsLeave(&c.progress) && !c.continued {
				c.continued = true
				w.out = append(w.out, "HTTP/1.1 100 Continue\r\n\r\n"...)
			}
			w.server.done(c, context)
			break
		} else {
			at += taken
			c.progress, c.continued = http1.Progress{}, false
			w.answer(context)
			c.closing = context.Close
		}
		w.server.done(c, context)
		if w.long != nil || len(w.out) >= flushAt {
			w.flush(c)
		}
	}
	w.flush(c)
	w.keep(c, at)
}

// answer runs the handler of a request. One that panics costs its connection, and no other.
func (w *worker) answer(c *Context) {
	c.reset(w)
	defer func() {
		if caught := recover(); caught != nil {
			fmt.Fprintf(os.Stderr, "vie: a handler panicked: %v\n%s", caught, debug.Stack())
			c.Error(500)
			c.Close = true
			w.append(c)
		}
	}()
	w.server.app.served(c)
	w.append(c)
}

// refuse answers what cannot be read.
func (w *worker) refuse(c *Context, err error) {
	status := 400
	switch {
	case errors.Is(err, http1.ErrBody):
		status = 413
	case errors.Is(err, http1.ErrHead):
		status = 431
	case errors.Is(err, http1.ErrCoding):
		status = 501
	case errors.Is(err, http1.ErrVersion):
		status = 505
	}
	c.reset(w)
	c.Method, c.Close = nil, true
	c.Error(status)
	w.append(c)
}

// flush writes the answers. What the client does not take yet is copied, and waits.
func (w *worker) flush(c *conn) {
	if len(w.out) > 0 && !c.dead {
		sent, err := writeBoth(c.fd, w.out, w.long)
		switch {
		case err != nil:
			c.dead = true
		case sent < len(w.out):
			c.pending = append(append([]byte(nil), w.out[sent:]...), w.long...)
		case sent < len(w.out)+len(w.long):
			c.pending = append([]byte(nil), w.long[sent-len(w.out):]...)
		}
	}
	w.out, w.long = w.out[:0], nil
	// A long answer's memory is not kept for the next, which will be short.
	for _, buffer := range []*[]byte{&w.out, &w.own, &w.decoded} {
		if cap(*buffer) > 4*flushAt {
			*buffer = nil
		}
	}
	if w.encoded.Cap() > 4*flushAt {
		w.encoded = bytes.Buffer{}
	}
}

// keep gives the buffer of a connection back where nothing is left in it; otherwise it moves what
// is left to the front, or into a larger buffer where that has no room.
func (w *worker) keep(c *conn, at int) {
	left := c.have - at
	if left == 0 || c.dead || c.closing {
		w.drop(c)
		return
	}
	room := len(c.buffer)
	if left == room || c.progress.Need > room {
		room = min(max(4*left, c.progress.Need), max(c.progress.Need, maxBuffer))
	}
	if room > len(c.buffer) {
		larger := w.pool.Get(room)
		copy(larger, c.buffer[at:c.have])
		w.pool.Put(c.buffer)
		c.buffer = larger
		w.server.moved.Add(uint64(left))
	} else if at > 0 {
		copy(c.buffer, c.buffer[at:c.have])
		w.server.moved.Add(uint64(left))
	}
	c.have = left
}

// drop gives the buffer back.
func (w *worker) drop(c *conn) {
	if c.buffer != nil {
		w.pool.Put(c.buffer)
		c.buffer, c.have = nil, 0
	}
}
