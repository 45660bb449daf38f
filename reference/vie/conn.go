package vie

import (
	"sync/atomic"
	"time"

	"bench.lab/reference/vie/http1"
)

// maxBuffer is how large a buffer becomes for a request whose length is not known: the parser
// refuses longer ones.
const maxBuffer = 16 << 20

// conn is a connection. While it is idle it has no buffer: its memory is this struct, and its
// Context where contexts live as long as connections.
//
// It belongs to its loop, or to the worker that it was handed to: one at a time.
type conn struct {
	fd        int
	buffer    []byte // nil where nothing is being read
	have      int    // bytes in it
	progress  http1.Progress
	context   *Context
	pending   []byte // answers that the client has not taken yet
	deadline  time.Time
	turn      atomic.Uint32 // orders what loop and workers do to a connection
	continued bool          // the client has leave to send the body
	closing   bool          // to be closed, once all is written
	lingers   bool          // not before the client has read that
	lingering bool
	dead      bool // nobody reads any more
}
