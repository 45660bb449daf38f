package app

import (
	"context"
	"net"
	"sync/atomic"

	"github.com/lesismal/llib/std/crypto/tls"
	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"

	"bench.lab/kit"
)

// Server is nbio's engine with the methods of http.Server that the kit asks for: the
// engine starts without blocking.
type Server struct {
	options kit.Options
	engine  atomic.Pointer[nbhttp.Engine]
}

// NewServer returns a server that has not started.
func NewServer(options kit.Options) *Server {
	logging.SetLevel(logging.LevelNone)
	return &Server{options: options}
}

// Serve serves HTTP until the process ends.
func (s *Server) Serve(listener net.Listener) error {
	return s.start(listener, nbhttp.Config{Addrs: []string{listener.Addr().String()}})
}

// ServeTLS serves HTTPS until the process ends, with nbio's own non-blocking TLS.
func (s *Server) ServeTLS(listener net.Listener, certFile, keyFile string) error {
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return err
	}
	return s.start(listener, nbhttp.Config{
		AddrsTLS:  []string{listener.Addr().String()},
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
	})
}

func (s *Server) start(listener net.Listener, config nbhttp.Config) error {
	config.Network = "tcp"
	config.Handler = New(s.options)
	config.Listen = func(string, string) (net.Listener, error) { return listener, nil }
	engine := nbhttp.NewEngine(config)
	s.engine.Store(engine)
	if err := engine.Start(); err != nil {
		return err
	}
	select {}
}

// Shutdown stops listening and closes the connections.
func (s *Server) Shutdown(ctx context.Context) error {
	if engine := s.engine.Load(); engine != nil {
		return engine.Shutdown(ctx)
	}
	return nil
}
