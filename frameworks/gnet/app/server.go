package app

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/panjf2000/gnet/v2"
	"go.uber.org/zap"

	"bench.lab/kit"
)

// Server speaks HTTP on gnet's event loops, one for each processor.
type Server struct {
	gnet.BuiltinEventEngine
	handler Handler
	engine  atomic.Pointer[gnet.Engine]
}

// NewServer returns a server that has not started.
func NewServer(options kit.Options) *Server {
	return &Server{handler: New(options)}
}

// Run serves until Shutdown is called.
func (s *Server) Run(address string) error {
	return gnet.Run(s, "tcp://"+address, gnet.WithMulticore(true), gnet.WithLogger(zap.NewNop().Sugar()))
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

// OnTraffic answers the requests that have come in as a whole, with one write for all.
func (s *Server) OnTraffic(connection gnet.Conn) gnet.Action {
	data, err := connection.Peek(-1)
	if err != nil {
		return gnet.Close
	}
	var answers []byte
	taken := 0
	action := gnet.None
	for action == gnet.None {
		request, length, err := parse(data[taken:])
		if err != nil {
			answers = appendResponse(answers, &Request{Close: true}, refusal(err))
			action = gnet.Close
			break
		}
		if length == 0 {
			break
		}
		answers = appendResponse(answers, request, s.handler(request))
		taken += length
		if request.Close {
			action = gnet.Close
		}
	}
	if len(answers) > 0 {
		if _, err := connection.Write(answers); err != nil {
			return gnet.Close
		}
	}
	// Discard(0) would drop what has come in of the next request.
	if taken > 0 {
		if _, err := connection.Discard(taken); err != nil {
			return gnet.Close
		}
	}
	return action
}

func refusal(err error) Response {
	if errors.Is(err, errTooLarge) {
		return Response{413, plain, []byte("Content Too Large")}
	}
	return Response{400, plain, []byte("Bad Request")}
}
