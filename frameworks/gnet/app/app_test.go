package app_test

import (
	"io"
	"net"
	"testing"
	"time"

	"bench.lab/gnet/app"
	"bench.lab/kit"
	"bench.lab/kit/kittest"
)

func TestContract(t *testing.T) { kittest.Contract(t, serve) }

// serve passes the connections of a listener on to a server, since gnet opens its socket
// by itself.
func serve(options kit.Options, listener net.Listener) error {
	// On an address where nobody else is given the port that is free again.
	free, err := net.Listen("tcp", "127.71.0.1:0")
	if err != nil {
		return err
	}
	address := free.Addr().String()
	free.Close()
	server := app.NewServer(options)
	go server.Run(address)
	for {
		client, err := listener.Accept()
		if err != nil {
			return err
		}
		go pass(client, address)
	}
}

func pass(client net.Conn, address string) {
	defer client.Close()
	// Until the server has begun to listen.
	for begun := time.Now(); time.Since(begun) < time.Minute; {
		server, err := net.Dial("tcp", address)
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		defer server.Close()
		go io.Copy(server, client)
		io.Copy(client, server)
		return
	}
}
