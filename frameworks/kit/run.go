package kit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long a server may take to finish the requests it is answering.
const grace = 3 * time.Second

// Server is how the kit starts and stops a framework. The fields have the
// signatures of the methods of http.Server, so that frameworks on net/http hand
// these over as they are.
type Server struct {
	Serve    func(net.Listener) error
	ServeTLS func(listener net.Listener, certFile, keyFile string) error
	Shutdown func(context.Context) error

	// ListenAndServe takes the place of Serve and ServeTLS for a framework that opens its
	// socket by itself.
	ListenAndServe func() error
}

// Run serves until SIGTERM or SIGINT, then shuts down gracefully and ends the
// process: with status 0 after a signal, with status 1 and one line on standard
// error when the server could not listen or stopped serving by itself.
func Run(options Options, server Server) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	if err := run(ctx, options, server); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", options.Name, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// run is Run without the process around it.
func run(ctx context.Context, options Options, server Server) error {
	serve := server.ListenAndServe
	if serve == nil {
		listener, err := net.Listen("tcp", options.Listen)
		if err != nil {
			return cannotListen(options, err)
		}
		serve = func() error {
			if options.CertFile == "" {
				return server.Serve(listener)
			}
			return server.ServeTLS(listener, options.CertFile, options.KeyFile)
		}
	}

	served := make(chan error, 1)
	go func() { served <- serve() }()

	select {
	case err := <-served:
		if err == nil {
			err = errors.New("no error was given")
		}
		if errors.Is(err, syscall.EADDRINUSE) {
			return cannotListen(options, err)
		}
		return fmt.Errorf("it stopped serving on %s: %w", options.Listen, err)
	case <-ctx.Done():
		bounded, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		// An error says that clients kept connections open beyond the bound. That is
		// their choice, and the process is about to end.
		_ = server.Shutdown(bounded)
		return nil
	}
}

func cannotListen(options Options, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("the address %s is already in use by another process", options.Listen)
	}
	return fmt.Errorf("it could not listen on %s: %w", options.Listen, err)
}
