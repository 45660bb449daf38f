package vie

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"bench.lab/reference/vie/pool"
	"bench.lab/reference/vie/router"
)

const adaptEvery = router.Every

// server is what the loops of an application share.
type server struct {
	app      *App
	pool     *pool.Pool
	adaptive *router.Adaptive // nil for other routers
	contexts sync.Pool
	workers  sync.Pool
	queue    chan task
	now      atomic.Pointer[string]
	second   atomic.Int64
	moved    atomic.Uint64  // bytes that were moved between reading and answering
	busy     sync.WaitGroup // connections that workers have
	stopping atomic.Bool
	lock     sync.Mutex
	loops    []*loop
	ended    chan struct{}
}

// task is a connection with requests to answer.
type task struct {
	loop *loop
	conn *conn
}

// Serve answers the connections of a TCP listener, which it takes over, until Shutdown is called.
func (a *App) Serve(listener net.Listener) error {
	tcp, is := listener.(*net.TCPListener)
	if !is {
		return fmt.Errorf("vie serves on TCP and cannot on %T", listener)
	}
	if generated, is := a.router.(*router.Generated); is {
		if left := generated.Left(); len(left) > 0 {
			return fmt.Errorf("the generated table has %q, which no route was registered for: it is not of this program; run `go generate`", left)
		}
	}
	fd, err := duplicate(tcp)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	// Go's own poller would be woken by every new connection, too.
	tcp.Close()
	s := &a.server
	s.app = a
	s.pool = pool.New(a.config.Pool)
	s.adaptive, _ = a.router.(*router.Adaptive)
	s.contexts.New = func() any { return &Context{} }
	s.workers.New = func() any { return newWorker(s, s.pool.Direct()) }
	s.tick()
	if err := s.begin(fd); err != nil {
		return err
	}
	defer close(s.ended)
	if a.config.Mode == Workers {
		for range a.config.Workers {
			go s.work()
		}
	}
	failed := make(chan error, len(s.loops))
	for _, loop := range s.loops {
		go func() { failed <- loop.run() }()
	}
	for range s.loops {
		if ended := <-failed; ended != nil {
			err = errors.Join(err, ended)
			s.stop()
		}
	}
	// Workers still write to connections; a descriptor that is closed may be somebody else's by then.
	s.busy.Wait()
	close(s.queue)
	for _, loop := range s.loops {
		loop.close()
	}
	return err
}

// begin makes the loops.
func (s *server) begin(fd int) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.ended = make(chan struct{})
	s.queue = make(chan task, 1024)
	for range s.app.config.loops() {
		loop, err := newLoop(s, fd)
		if err != nil {
			return err
		}
		s.loops = append(s.loops, loop)
	}
	return nil
}

// Shutdown ends the loops: requests that are being answered on them are answered, connections are
// closed.
func (a *App) Shutdown(ctx context.Context) error {
	s := &a.server
	ended := s.stop()
	if ended == nil {
		return nil
	}
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *server) stop() <-chan struct{} {
	s.stopping.Store(true)
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, loop := range s.loops {
		ring(loop.bell)
	}
	return s.ended
}

// work answers requests in the mode Workers.
func (s *server) work() {
	w := newWorker(s, s.pool.Direct())
	for task := range s.queue {
		s.handOver(w, task.loop, task.conn)
	}
}

// process answers requests in the mode Goroutines.
func (s *server) process(l *loop, c *conn) {
	w := s.workers.Get().(*worker)
	s.handOver(w, l, c)
	s.workers.Put(w)
}

// handOver answers a connection's requests and gives it back to its loop, which alone closes
// connections: it is told by an event, since a socket that is to be closed can be written to.
func (s *server) handOver(w *worker, l *loop, c *conn) {
	w.process(c)
	next := uint32(readable)
	if c.pending != nil || c.closing || c.dead {
		next = writable
	}
	c.turn.Add(1)
	control(l.epoll, syscall.EPOLL_CTL_MOD, c.fd, s.shots(next))
	s.busy.Done()
}

// shots is what a connection asks its epoll for. In the modes where a connection is handed to a
// goroutine, its loop must hear nothing of it meanwhile.
func (s *server) shots(events uint32) uint32 {
	if s.app.config.Mode != Inline {
		return events | oneShot
	}
	return events
}

// context gives a request its Context.
func (s *server) context(c *conn) *Context {
	switch s.app.config.Contexts {
	case Heap:
		return &Context{}
	case Pooled:
		return s.contexts.Get().(*Context)
	}
	return c.context
}

// done takes it back.
func (s *server) done(c *conn, context *Context) {
	if s.app.config.Contexts == Pooled {
		s.contexts.Put(context)
	}
}

// tick words the time, once a second.
func (s *server) tick() {
	now := time.Now()
	if second := now.Unix(); second != s.second.Load() {
		date := now.UTC().Format(http.TimeFormat)
		s.now.Store(&date)
		s.second.Store(second)
	}
}

func (s *server) date() string { return *s.now.Load() }

// duplicate gives a descriptor of the listener's that Go's runtime does not know.
func duplicate(listener *net.TCPListener) (int, error) {
	raw, err := listener.SyscallConn()
	if err != nil {
		return -1, err
	}
	duplicated := -1
	failed := raw.Control(func(fd uintptr) {
		n, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, fd, syscall.F_DUPFD_CLOEXEC, 0)
		if errno != 0 {
			err = errno
			return
		}
		duplicated = int(n)
	})
	if failed != nil {
		return -1, failed
	}
	return duplicated, err
}
