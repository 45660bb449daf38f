package vie

import (
	"syscall"
	"time"
)

const (
	// batch is how many events are taken at once.
	batch = 256
	// linger is how long a refused client may go on sending before its connection is closed hard.
	linger = time.Second
	// pause is how long a loop that has no descriptor for a new connection leaves the listener alone.
	pause = 50 * time.Millisecond
)

// loop is an event loop: an epoll, and the connections that it has accepted.
type loop struct {
	server    *server
	epoll     int
	bell      int
	listener  int
	worker    *worker
	conns     []*conn // by descriptor
	lingering []*conn
	paused    time.Time // the listener is left alone until then; zero where it is not
	adapted   time.Time
}

func newLoop(s *server, listener int) (*loop, error) {
	l := &loop{server: s, listener: listener, worker: newWorker(s, s.pool.Local())}
	var err error
	if l.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if l.bell, err = bell(); err != nil {
		syscall.Close(l.epoll)
		return nil, err
	}
	err = control(l.epoll, syscall.EPOLL_CTL_ADD, l.bell, readable)
	if err == nil {
		err = l.listen()
	}
	if err != nil {
		syscall.Close(l.epoll)
		syscall.Close(l.bell)
	}
	return l, err
}

// listen asks for new connections; of several loops the kernel wakes one.
func (l *loop) listen() error {
	return control(l.epoll, syscall.EPOLL_CTL_ADD, l.listener, syscall.EPOLLIN|epollExclusive)
}

// run serves until the server stops. It asks without waiting first: under load there are events,
// and a call that may wait costs the scheduler's bookkeeping on both sides.
func (l *loop) run() error {
	events := make([]syscall.EpollEvent, batch)
	for !l.server.stopping.Load() {
		n := poll(l.epoll, events)
		if n == 0 {
			var err error
			if n, err = wait(l.epoll, events, l.patience()); err != nil {
				return err
			}
		}
		if n > 0 {
			l.server.tick()
		}
		for i := range events[:n] {
			l.event(int(events[i].Fd), events[i].Events)
		}
		if len(l.lingering) > 0 || !l.paused.IsZero() || l.server.adaptive != nil {
			l.housekeeping(time.Now())
		}
	}
	return nil
}

// patience is for how many milliseconds there may be nothing to do.
func (l *loop) patience() int {
	switch {
	case !l.paused.IsZero():
		return int(pause.Milliseconds())
	case len(l.lingering) > 0:
		return int(linger.Milliseconds() / 4)
	}
	return -1
}

func (l *loop) event(fd int, events uint32) {
	switch fd {
	case l.listener:
		l.accept()
		return
	case l.bell:
		return
	}
	c := l.conns[fd]
	if c == nil {
		return
	}
	// What a worker did to the connection has happened before.
	c.turn.Load()
	if c.pending != nil {
		l.writable(c)
	} else if c.closing || c.dead {
		l.finish(c)
	} else {
		l.readable(c)
	}
}

// accept takes all connections that wait, up to a batch.
func (l *loop) accept() {
	for range batch {
		fd, err := accept(l.listener)
		switch err {
		case nil:
		case syscall.EAGAIN:
			return
		case syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM:
			// It stays readable: the loop would turn without end.
			control(l.epoll, syscall.EPOLL_CTL_DEL, l.listener, 0)
			l.paused = time.Now().Add(pause)
			return
		default:
			// The client is gone again.
			continue
		}
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
		for fd >= len(l.conns) {
			l.conns = append(l.conns, make([]*conn, fd+64-len(l.conns))...)
		}
		c := &conn{fd: fd}
		if l.server.app.config.Contexts == Reuse {
			c.context = &Context{}
		}
		l.conns[fd] = c
		if err := control(l.epoll, syscall.EPOLL_CTL_ADD, fd, l.server.shots(readable)); err != nil {
			l.drop(c)
		}
	}
}

// readable reads what has come and has it answered.
func (l *loop) readable(c *conn) {
	if c.buffer == nil {
		c.buffer = l.worker.pool.Get(0)
	}
	n, err := read(c.fd, c.buffer[c.have:])
	if c.lingering {
		// Nobody looks at it. What is answered is all that the client will hear.
		if n == 0 && err != syscall.EAGAIN {
			l.drop(c)
			return
		}
		l.worker.drop(c)
		l.rearm(c)
		return
	}
	if err == syscall.EAGAIN {
		if c.have == 0 {
			l.worker.drop(c)
		}
		l.rearm(c)
		return
	}
	if n == 0 || err != nil {
		l.drop(c)
		return
	}
	c.have += n
	if c.have < c.progress.Need {
		l.rearm(c)
		return
	}
	switch l.server.app.config.Mode {
	case Workers:
		l.handOut(c)
		l.server.queue <- task{l, c}
	case Goroutines:
		l.handOut(c)
		go l.server.process(l, c)
	default:
		l.worker.process(c)
		l.settle(c)
	}
}

// handOut gives a connection to a worker; its loop hears of it again when that is done.
func (l *loop) handOut(c *conn) {
	l.server.busy.Add(1)
	c.turn.Add(1)
}

// settle says what a connection waits for next, after its requests were answered on the loop.
func (l *loop) settle(c *conn) {
	switch {
	case c.dead, c.closing && c.pending == nil:
		l.finish(c)
	case c.pending != nil:
		control(l.epoll, syscall.EPOLL_CTL_MOD, c.fd, l.server.shots(writable))
	default:
		l.rearm(c)
	}
}

// rearm asks for what comes next, in the modes where each event is told once.
func (l *loop) rearm(c *conn) {
	if l.server.app.config.Mode != Inline {
		control(l.epoll, syscall.EPOLL_CTL_MOD, c.fd, l.server.shots(readable))
	}
}

// writable goes on writing, and then with the requests that came meanwhile.
func (l *loop) writable(c *conn) {
	n, err := write(c.fd, c.pending)
	if err != nil {
		c.dead = true
		l.finish(c)
		return
	}
	if c.pending = c.pending[n:]; len(c.pending) > 0 {
		control(l.epoll, syscall.EPOLL_CTL_MOD, c.fd, l.server.shots(writable))
		return
	}
	c.pending = nil
	if c.closing {
		l.finish(c)
		return
	}
	control(l.epoll, syscall.EPOLL_CTL_MOD, c.fd, l.server.shots(readable))
	if c.have > 0 {
		l.worker.process(c)
		l.settle(c)
	}
}

// finish ends a connection: at once, or once the client has read why. Closing a socket with bytes
// in it that nobody has read would take the answer back.
func (l *loop) finish(c *conn) {
	if c.dead || !c.lingers || c.lingering {
		l.drop(c)
		return
	}
	l.worker.drop(c)
	syscall.Shutdown(c.fd, syscall.SHUT_WR)
	c.closing, c.lingering = false, true
	c.deadline = time.Now().Add(linger)
	l.lingering = append(l.lingering, c)
	control(l.epoll, syscall.EPOLL_CTL_MOD, c.fd, l.server.shots(readable))
}

// drop closes a connection. Its descriptor leaves the epoll by that.
func (l *loop) drop(c *conn) {
	l.worker.drop(c)
	c.dead = true
	l.conns[c.fd] = nil
	syscall.Close(c.fd)
}

func (l *loop) housekeeping(now time.Time) {
	if !l.paused.IsZero() && now.After(l.paused) {
		l.paused = time.Time{}
		if err := l.listen(); err != nil {
			l.paused = now.Add(pause)
		}
	}
	kept := l.lingering[:0]
	for _, c := range l.lingering {
		switch {
		case c.dead:
		case now.After(c.deadline):
			l.drop(c)
		default:
			kept = append(kept, c)
		}
	}
	clear(l.lingering[len(kept):])
	l.lingering = kept
	if l.server.adaptive != nil && now.Sub(l.adapted) >= adaptEvery {
		l.adapted = now
		l.server.adaptive.Adapt()
	}
}

// close lets go of all connections.
func (l *loop) close() {
	for _, c := range l.conns {
		if c != nil {
			syscall.Close(c.fd)
		}
	}
	syscall.Close(l.epoll)
	syscall.Close(l.bell)
}
