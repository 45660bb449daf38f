package kit

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
)

// accepting is the least that can be called a server.
func accepting(listener net.Listener) error {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		connection.Close()
	}
}

// anyPort is an address whose port the kernel chooses, so that it is nobody else's.
const anyPort = "127.0.0.1:0"

func TestRunShutsDownWhenAsked(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	asked := false
	err := run(ctx, Options{Listen: anyPort}, Server{
		Serve: func(listener net.Listener) error {
			stop()
			return accepting(listener)
		},
		Shutdown: func(ctx context.Context) error {
			_, bounded := ctx.Deadline()
			asked = bounded
			return nil
		},
	})
	if err != nil || !asked {
		t.Errorf("Run returned %v; a bounded shutdown was asked for: %v.", err, asked)
	}
}

func TestRunServesTLSWithTheGivenFiles(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	got := make(chan string, 1)
	run(ctx, Options{Listen: anyPort, CertFile: "cert", KeyFile: "key"}, Server{
		ServeTLS: func(listener net.Listener, cert, key string) error {
			got <- cert + " " + key
			stop()
			return accepting(listener)
		},
		Shutdown: func(context.Context) error { return nil },
	})
	if files := <-got; files != "cert key" {
		t.Errorf("The files are %q.", files)
	}
}

func TestRunReportsAnAddressInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	err = run(t.Context(), Options{Listen: address}, Server{Serve: accepting})
	if err == nil || !strings.Contains(err.Error(), address+" is already in use") {
		t.Errorf("The error is %v.", err)
	}
}

func TestRunReportsAServerThatStopsByItself(t *testing.T) {
	for _, cause := range []error{errors.New("out of luck"), nil} {
		err := run(t.Context(), Options{Listen: anyPort}, Server{
			Serve: func(net.Listener) error { return cause },
		})
		if err == nil || (cause != nil && !errors.Is(err, cause)) {
			t.Errorf("After %v the error is %v.", cause, err)
		}
	}
}

func TestRunLetsAFrameworkOpenItsOwnSocket(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	options := Options{Listen: taken.Addr().String()}
	err = run(t.Context(), options, Server{ListenAndServe: func() error {
		_, err := net.Listen("tcp", options.Listen)
		return err
	}})
	if err == nil || !strings.Contains(err.Error(), "already in use") {
		t.Errorf("Run returned %v, want that the address is in use.", err)
	}
}
