// Package pool hands out buffers, in four ways: made anew each time, from one list behind a lock,
// from a list of one's own with the locked one behind it, and with a shared level in between.
//
// The three levels are those of the article: the first belongs to one event loop and needs no
// lock, the second is shared, the third is for all and has a limit. A level that is empty takes a
// batch from the next one; one that is too full gives a part back. What the global level has no
// room for is left to the garbage collector.
package pool

import (
	"fmt"
	"sync"
)

// Sizes of buffers: a request gets the smallest that fits. Larger ones are made anew.
const (
	Smallest = 4 << 10
	factor   = 4
	classes  = 4 // 4 KiB, 16 KiB, 64 KiB, 256 KiB
)

// Batch is how many buffers go from level to level at once, as the article has it.
const Batch = 64

// For how many bytes of buffers the lists of one class have room.
const (
	localBytes  = 256 << 10
	sharedBytes = 1 << 20
	globalBytes = 4 << 20
)

// returnAt is from which share of a shared list on it gives back to the global one, in percent.
const returnAt = 85

// Kind is which levels there are.
type Kind int

const (
	Make   Kind = iota // none: make and the garbage collector
	Global             // one list for all, behind a lock
	Two                // a list without a lock for each loop, and the global one
	Three              // and a shared one in between
)

// ParseKind reads a value of VIE_POOL.
func ParseKind(word string) (Kind, error) {
	for kind, name := range []string{"make", "global", "two", "three"} {
		if word == name {
			return Kind(kind), nil
		}
	}
	return 0, fmt.Errorf("VIE_POOL is %q, but it must be make, global, two or three", word)
}

// Pool is what all loops of a server share.
type Pool struct {
	kind   Kind
	shared level
	global level
}

// level is lists of buffers by class, behind a lock.
type level struct {
	lock  sync.Mutex
	lists [classes][][]byte
}

// Local is one goroutine's part of a pool: it must not be used by two at a time.
type Local struct {
	pool   *Pool
	direct bool // it has no list of its own, see Direct
	lists  [classes][][]byte
}

// New returns an empty pool.
func New(kind Kind) *Pool { return &Pool{kind: kind} }

// Local returns a new part.
func (p *Pool) Local() *Local { return &Local{pool: p} }

// Direct returns a part without a list of its own, for goroutines that are many: what each kept for
// itself would be more than all of them need. It goes to the next level each time.
func (p *Pool) Direct() *Local { return &Local{pool: p, direct: true} }

// classOf is the class of the smallest buffer with room for so many bytes.
func classOf(size int) int {
	class, room := 0, Smallest
	for room < size {
		class, room = class+1, room*factor
	}
	return class
}

func sizeOf(class int) int {
	size := Smallest
	for range class {
		size *= factor
	}
	return size
}

// room is how many buffers of a class a list of so many bytes keeps.
func room(bytes, class int) int { return max(bytes/sizeOf(class), 1) }

// Get gives a buffer with room for at least size bytes and no contents that matter.
func (l *Local) Get(size int) []byte {
	class := classOf(size)
	if class >= classes {
		return make([]byte, size)
	}
	switch l.pool.kind {
	case Make:
		return make([]byte, sizeOf(class))
	case Global:
		l.pool.global.lock.Lock()
		defer l.pool.global.lock.Unlock()
		return pop(&l.pool.global.lists[class], class)
	}
	if len(l.lists[class]) == 0 {
		l.refill(class)
	}
	return pop(&l.lists[class], class)
}

// Put takes back what Get gave.
func (l *Local) Put(buffer []byte) {
	class := classOf(cap(buffer))
	if l.pool.kind == Make || class >= classes || cap(buffer) != sizeOf(class) {
		return
	}
	buffer = buffer[:cap(buffer)]
	if l.pool.kind == Global {
		l.pool.global.put(class, globalBytes, buffer)
		return
	}
	if len(l.lists[class]) >= room(localBytes, class) {
		l.give(class, len(l.lists[class])/2)
	}
	l.lists[class] = append(l.lists[class], buffer)
	if l.direct {
		l.give(class, len(l.lists[class]))
	}
}

func pop(list *[][]byte, class int) []byte {
	if last := len(*list) - 1; last >= 0 {
		buffer := (*list)[last]
		(*list)[last] = nil
		*list = (*list)[:last]
		return buffer
	}
	return make([]byte, sizeOf(class))
}

// refill takes a batch, or one buffer, from the next level that has any.
func (l *Local) refill(class int) {
	batch := Batch
	if l.direct {
		batch = 1
	}
	if l.pool.kind == Three && l.pool.shared.take(class, batch, &l.lists[class]) {
		return
	}
	l.pool.global.take(class, batch, &l.lists[class])
}

// give moves buffers of the list to the next level.
func (l *Local) give(class, count int) {
	list := l.lists[class]
	from := len(list) - count
	next, limit := &l.pool.global, globalBytes
	if l.pool.kind == Three {
		next, limit = &l.pool.shared, sharedBytes
	}
	next.put(class, limit, list[from:]...)
	clear(list[from:])
	l.lists[class] = list[:from]
	if l.pool.kind == Three {
		l.pool.settle(class)
	}
}

// settle gives a batch of the shared level back to the global one, once it is filled beyond its
// mark.
func (p *Pool) settle(class int) {
	p.shared.lock.Lock()
	list := p.shared.lists[class]
	if 100*len(list) <= returnAt*room(sharedBytes, class) {
		p.shared.lock.Unlock()
		return
	}
	from := len(list) - min(Batch, len(list))
	back := append([][]byte(nil), list[from:]...)
	clear(list[from:])
	p.shared.lists[class] = list[:from]
	p.shared.lock.Unlock()
	p.global.put(class, globalBytes, back...)
}

// take moves a batch at most into a list, and tells whether there was any.
func (l *level) take(class, batch int, to *[][]byte) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	list := l.lists[class]
	from := len(list) - min(batch, len(list))
	*to = append(*to, list[from:]...)
	clear(list[from:])
	l.lists[class] = list[:from]
	return from < len(list)
}

// put keeps buffers as long as there is room for so many bytes.
func (l *level) put(class, bytes int, buffers ...[]byte) {
	l.lock.Lock()
	defer l.lock.Unlock()
	buffers = buffers[:min(len(buffers), max(room(bytes, class)-len(l.lists[class]), 0))]
	l.lists[class] = append(l.lists[class], buffers...)
}
