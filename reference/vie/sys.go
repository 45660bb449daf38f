package vie

import (
	"syscall"
	"unsafe"
)

const (
	epollExclusive = 1 << 28
	readable       = syscall.EPOLLIN | syscall.EPOLLRDHUP
	writable       = syscall.EPOLLOUT
	oneShot        = syscall.EPOLLONESHOT
)

// The calls below never block, so the scheduler is not told of them: that would cost more than
// some of them do.

func read(fd int, to []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(to))), uintptr(len(to)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}

// writeBoth writes two parts by one call, as far as the socket takes them.
func writeBoth(fd int, first, second []byte) (int, error) {
	if len(second) == 0 {
		return write(fd, first)
	}
	parts := [2]syscall.Iovec{{Base: unsafe.SliceData(first)}, {Base: unsafe.SliceData(second)}}
	parts[0].SetLen(len(first))
	parts[1].SetLen(len(second))
	return retry(syscall.SYS_WRITEV, fd, unsafe.Pointer(&parts[0]), len(parts))
}

func write(fd int, from []byte) (int, error) {
	return retry(syscall.SYS_WRITE, fd, unsafe.Pointer(unsafe.SliceData(from)), len(from))
}

func retry(call uintptr, fd int, at unsafe.Pointer, length int) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(call, uintptr(fd), uintptr(at), uintptr(length))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, nil
		default:
			return 0, errno
		}
	}
}

// poll asks an epoll for events without waiting; wait does so for that many milliseconds, -1
// without end, and lets other goroutines have the processor meanwhile.
func poll(epoll int, events []syscall.EpollEvent) int {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

func wait(epoll int, events []syscall.EpollEvent, milliseconds int) (int, error) {
	n, err := syscall.EpollWait(epoll, events, milliseconds)
	if err == syscall.EINTR {
		return 0, nil
	}
	return n, err
}

func control(epoll, operation, fd int, events uint32) error {
	event := syscall.EpollEvent{Events: events, Fd: int32(fd)}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_CTL, uintptr(epoll), uintptr(operation), uintptr(fd), uintptr(unsafe.Pointer(&event)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func accept(listener int) (int, error) {
	fd, _, errno := syscall.RawSyscall6(syscall.SYS_ACCEPT4, uintptr(listener), 0, 0, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

// bell makes a descriptor that is readable once it was rung.
func bell() (int, error) {
	fd, _, errno := syscall.RawSyscall(syscall.SYS_EVENTFD2, 0, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

func ring(bell int) {
	one := [8]byte{1}
	write(bell, one[:])
}
