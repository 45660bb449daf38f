package main

import (
	"os"
	"syscall"
	"unsafe"
)

const (
	spliceMove = 1
	vmGift     = 8
)

func init() {
	exact("splice_sockets_errno", "1", "errno of splice from one socket to another; 22 is EINVAL", func() float64 {
		one, other := pair(), pair()
		must(syscall.Write(one[1], []byte("x")))
		_, err := syscall.Splice(one[0], nil, other[0], nil, 1, spliceMove)
		errno, _ := err.(syscall.Errno)
		return float64(errno)
	})
	exact("splice_pipe_bytes", "B", "bytes that splice moves from a socket into a pipe, of one", func() float64 {
		one := pair()
		var pipe [2]int
		check(syscall.Pipe(pipe[:]))
		must(syscall.Write(one[1], []byte("x")))
		return float64(must(syscall.Splice(one[0], nil, pipe[1], nil, 1, spliceMove)))
	})
	exact("splice_move_makes_a_reference", "1", "whether a page that is spliced from a pipe into a file is the sender's own page with SPLICE_F_MOVE, less whether it is without", func() float64 {
		return shared(spliceMove) - shared(0)
	})
}

func pair() [2]int { return must(syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)) }

// shared gives a page to a pipe, splices it into a file, changes the page and sees whether the
// file changed with it: then it was moved, and not copied.
func shared(flags int) float64 {
	page := must(syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE))
	for i := range page {
		page[i] = 'a'
	}
	var pipe [2]int
	check(syscall.Pipe(pipe[:]))
	vector := syscall.Iovec{Base: &page[0], Len: 4096}
	_, _, errno := syscall.Syscall6(syscall.SYS_VMSPLICE, uintptr(pipe[1]), uintptr(unsafe.Pointer(&vector)), 1, vmGift, 0, 0)
	if errno != 0 {
		check(errno)
	}
	file := must(os.CreateTemp("", "facts"))
	defer os.Remove(file.Name())
	must(syscall.Splice(pipe[0], nil, int(file.Fd()), nil, 4096, flags))
	page[0] = 'b'
	var first [1]byte
	must(file.ReadAt(first[:], 0))
	return yes(first[0] == 'b')
}
