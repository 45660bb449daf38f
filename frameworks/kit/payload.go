package kit

import (
	_ "embed"
	"encoding/binary"
	"sync"
)

// Plaintext is the body of GET /plaintext: 1,024 bytes of readable ASCII. It is
// a file so that whoever checks the answers reads the same bytes.
//
//go:embed plaintext.txt
var Plaintext string

// BlobSize is the length of the body of GET /blob.
const BlobSize = 1 << 20

// EchoLimit is the longest body that POST /echo has to take. A server may refuse
// a longer one.
const EchoLimit = 1 << 20

// Blob returns the body of GET /blob. Its 32-bit little-endian word number i is
// mix(i), so that a chunk that is lost, doubled or out of place shows. It is made
// at the first request: a server that is never asked for it pays neither the
// memory nor the time at its start. Callers must not change it.
var Blob = sync.OnceValue(func() []byte {
	blob := make([]byte, 0, BlobSize)
	for i := range uint32(BlobSize / 4) {
		blob = binary.LittleEndian.AppendUint32(blob, mix(i))
	}
	return blob
})
