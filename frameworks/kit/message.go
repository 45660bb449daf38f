package kit

import "sync/atomic"

// Reply is the object that GET /json answers with.
type Reply struct {
	Message string `json:"message"`
}

const defaultMessage = "ok"

// message is what Message returns now. The probe replaces it while requests are
// running, hence the atomic pointer: readers pay one load and never wait.
var message atomic.Pointer[string]

func init() { setSalt("") }

// Message returns the object to serialise for one request. It is a value, so that
// every request has an object of its own to hand to the serialiser. The probe can
// change the text, which shows up a server that answers with bytes it has
// serialised before.
func Message() Reply {
	return Reply{Message: *message.Load()}
}

// setSalt makes the message carry the salt, or restores it when the salt is empty.
func setSalt(salt string) Reply {
	text := defaultMessage
	if salt != "" {
		text += "-" + salt
	}
	message.Store(&text)
	return Reply{Message: text}
}
