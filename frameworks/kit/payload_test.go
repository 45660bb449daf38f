package kit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
)

func TestPlaintextIs1024BytesOfReadableASCII(t *testing.T) {
	if len(Plaintext) != 1024 {
		t.Errorf("It has %d bytes.", len(Plaintext))
	}
	if i := strings.IndexFunc(Plaintext, func(r rune) bool {
		return r != '\n' && (r < ' ' || r > '~')
	}); i >= 0 {
		t.Errorf("There is an unreadable byte %q at %d.", Plaintext[i], i)
	}
}

func TestBlobIsItsFormula(t *testing.T) {
	blob := Blob()
	if len(blob) != BlobSize {
		t.Fatalf("It has %d bytes.", len(blob))
	}
	for _, i := range []uint32{0, 1, 1000, BlobSize/4 - 1} {
		if got := binary.LittleEndian.Uint32(blob[4*i:]); got != mix(i) {
			t.Errorf("Word %d is %#x, want %#x.", i, got, mix(i))
		}
	}
}

// TestPayloadsNeverChange fails when a change to the kit would make new results
// incomparable with old ones.
func TestPayloadsNeverChange(t *testing.T) {
	for _, payload := range []struct{ name, body, sum string }{
		{"plaintext", Plaintext, "07dfdd5d3dea8b9e514df3b9e2c17efc18aa9c284fc4bddfeaa81450348c003f"},
		{"blob", string(Blob()), "dd079504cf480f66fc8c3f4d7dfd46e449e419038daabe348932a5d45e062103"},
	} {
		sum := sha256.Sum256([]byte(payload.body))
		if got := hex.EncodeToString(sum[:]); got != payload.sum {
			t.Errorf("The %s has the SHA-256 %s, want %s.", payload.name, got, payload.sum)
		}
	}
}
