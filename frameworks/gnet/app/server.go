package app

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"
	"go.uber.org/zap"

	"bench.lab/kit"
)

// Server speaks HTTP on gnet's event loops, one for each processor.
type Server struct {
	gnet.BuiltinEventEngine
	handler Handler
	date    atomic.Pointer[string] // the time in the words of HTTP, made anew each second
	engine  atomic.Pointer[gnet.Engine]
}

// NewServer returns a server that has not started.
func NewServer(options kit.Options) *Server {
	server := &Server{handler: New(options)}
	server.OnTick()
	return server
}

// Run serves until Shutdown is called.
func (s *Server) Run(address string) error {
	return gnet.Run(s, "tcp://"+address, gnet.WithMulticore(true), gnet.WithTicker(true),
		gnet.WithLogger(zap.NewNop().Sugar()))
}

// Shutdown closes the connections.
func (s *Server) Shutdown(ctx context.Context) error {
	if engine := s.engine.Load(); engine != nil {
		return engine.Stop(ctx)
	}
	return nil
}

// OnBoot keeps the engine for Shutdown.
func (s *Server) OnBoot(engine gnet.Engine) gnet.Action {
	s.engine.Store(&engine)
	return gnet.None
}

// OnTick sets the time at the start of each second.
func (s *Server) OnTick() (time.Duration, gnet.Action) {
	now := time.Now()
	date := now.UTC().Format(http.TimeFormat)
	s.date.Store(&date)
	return now.Truncate(time.Second).Add(time.Second).Sub(now), gnet.None
}

// OnOpen gives a connection its buffers.
func (s *Server) OnOpen(connection gnet.Conn) ([]byte, gnet.Action) {
	connection.SetContext(newExchange(&s.date))
	return nil, gnet.None
}

// OnTraffic answers the requests that have come in as a whole, with one write for all unless
// the answers are long.
func (s *Server) OnTraffic(connection gnet.Conn) gnet.Action {
	x := connection.Context().(*Exchange)
	if connection.InboundBuffered() < x.need {
		return gnet.None
	}
	data, err := connection.Peek(-1)
	if err != nil {
		return gnet.Close
	}
	taken := 0
	action := gnet.None
	for action == gnet.None && taken < len(data) {
		length, err := x.parse(data[taken:])
		if err != nil {
			x.refuse(err)
			action = gnet.Close
			break
		}
		if length == 0 {
			x.goOn()
			break
		}
		s.handler(x)
		x.continued = false
		taken += length
		if x.Close {
			action = gnet.Close
		}
		if x.full() {
			if err := x.flush(connection); err != nil {
				return gnet.Close
			}
		}
	}
	if err := x.flush(connection); err != nil {
		return gnet.Close
	}
	// Discard(0) would drop what has come in of the next request.
	if taken > 0 {
		if _, err := connection.Discard(taken); err != nil {
			return gnet.Close
		}
	}
	return action
}
