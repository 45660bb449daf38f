package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"sync/atomic"

	"github.com/panjf2000/gnet/v2"

	"bench.lab/kit"
)

// keptBuffer is how large a buffer may be that a connection keeps for its next request. A
// longer body is handed to gnet as it is, behind its head.
const keptBuffer = 16 << 10

// Exchange is a connection's request and its answer, with the buffers for both.
type Exchange struct {
	Request
	date      *atomic.Pointer[string]
	continued bool      // the client has leave to send the body
	out       []byte    // answers that are not written yet
	parts     [2][]byte // out and a long body, on their way to gnet
	scratch   []byte    // decoded parameters
	reply     kit.Reply
	encoded   bytes.Buffer
	encoder   *json.Encoder
}

func newExchange(date *atomic.Pointer[string]) *Exchange {
	x := &Exchange{date: date}
	x.encoder = json.NewEncoder(&x.encoded)
	return x
}

// encode serialises a message. The encoder stays with the connection and gets a pointer to
// what it has to read, both of which save an allocation for each request.
func (x *Exchange) encode(reply kit.Reply) []byte {
	x.encoded.Reset()
	x.reply = reply
	if err := x.encoder.Encode(&x.reply); err != nil {
		return nil
	}
	return x.encoded.Bytes()
}

// answer puts an answer behind those that are not written yet. HEAD gets the head alone.
func answer[Body string | []byte](x *Exchange, status int, media string, body Body) {
	out := x.out
	switch status {
	case 200:
		out = append(out, "HTTP/1.1 200 OK\r\nDate: "...)
	case 400:
		out = append(out, "HTTP/1.1 400 Bad Request\r\nDate: "...)
	case 404:
		out = append(out, "HTTP/1.1 404 Not Found\r\nDate: "...)
	case 405:
		out = append(out, "HTTP/1.1 405 Method Not Allowed\r\nDate: "...)
	case 413:
		out = append(out, "HTTP/1.1 413 Content Too Large\r\nDate: "...)
	default:
		out = append(out, "HTTP/1.1 431 Request Header Fields Too Large\r\nDate: "...)
	}
	out = append(out, *x.date.Load()...)
	out = append(out, "\r\nContent-Type: "...)
	out = append(out, media...)
	out = append(out, "\r\nContent-Length: "...)
	out = strconv.AppendInt(out, int64(len(body)), 10)
	if x.Close {
		out = append(out, "\r\nConnection: close"...)
	}
	out = append(out, "\r\n\r\n"...)
	switch long, is := any(body).([]byte); {
	case string(x.Method) == "HEAD":
	case is && len(long) > keptBuffer:
		x.parts[1] = long
	default:
		out = append(out, body...)
	}
	x.out = out
}

// refuse answers what cannot be read.
func (x *Exchange) refuse(err error) {
	x.Method, x.Close = nil, true
	switch {
	case errors.Is(err, errBodyTooLarge):
		answer(x, 413, plain, "Content Too Large")
	case errors.Is(err, errHeadTooLarge):
		answer(x, 431, plain, "Request Header Fields Too Large")
	default:
		answer(x, 400, plain, "Bad Request")
	}
}

// goOn gives leave to send the body, once and when its head is complete, to a client that waits
// for it.
func (x *Exchange) goOn() {
	if x.Expect && x.need > 0 && !x.continued {
		x.continued = true
		x.out = append(x.out, "HTTP/1.1 100 Continue\r\n\r\n"...)
	}
}

// full tells that the answers should be written before the next request is looked at.
func (x *Exchange) full() bool { return x.parts[1] != nil || len(x.out) > keptBuffer }

// flush writes the answers. What the client does not take yet, gnet copies.
func (x *Exchange) flush(connection gnet.Conn) (err error) {
	switch {
	case x.parts[1] != nil:
		x.parts[0] = x.out
		_, err = connection.Writev(x.parts[:])
		x.parts = [2][]byte{}
	case len(x.out) > 0:
		_, err = connection.Write(x.out)
	}
	x.out = x.out[:0]
	if cap(x.out) > 4*keptBuffer {
		x.out = nil
	}
	if cap(x.joined) > keptBuffer {
		x.joined = nil
	}
	return err
}
