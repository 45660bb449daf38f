package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"time"
)

func init() {
	const alpn = "whether a client gets an answer by HTTP/1.1 from a TLS server that offers "
	exact("alpn_h2_only_client_http11", "1", alpn+"h2 alone, where the client offers http/1.1", func() float64 { return answered([]string{"h2"}, []string{"http/1.1"}) })
	exact("alpn_h2_only_client_silent", "1", alpn+"h2 alone, where the client offers nothing", func() float64 { return answered([]string{"h2"}, nil) })
	exact("alpn_both_client_http11", "1", alpn+"h2 and http/1.1, where the client offers http/1.1", func() float64 { return answered([]string{"h2", "http/1.1"}, []string{"http/1.1"}) })
	exact("alpn_both_client_silent", "1", alpn+"h2 and http/1.1, where the client offers nothing", func() float64 { return answered([]string{"h2", "http/1.1"}, nil) })
	const preface = "whether the beginning of an HTTP/2 connection is answered with HTTP/2's settings by "
	exact("http2_fiber", "1", preface+"Fiber", func() float64 { return speaksHTTP2(fiberServing) })
	exact("http2_std", "1", preface+"net/http, where it is set to", func() float64 {
		return speaksHTTP2(func(listener net.Listener) {
			server := &http.Server{Handler: http.NotFoundHandler(), Protocols: new(http.Protocols)}
			server.Protocols.SetUnencryptedHTTP2(true)
			server.Serve(listener)
		})
	})
	exact("unknown_field_refused", "1", "whether encoding/json with DisallowUnknownFields refuses the text's request with an undeclared field", func() float64 {
		decoder := json.NewDecoder(bytes.NewReader([]byte(`{"user_id":"U123","salary":50000}`)))
		decoder.DisallowUnknownFields()
		var asked struct {
			UserID   string `json:"user_id"`
			Income   int    `json:"income"`
			AgeGroup string `json:"age_group"`
		}
		return yes(decoder.Decode(&asked) != nil)
	})
	exact("known_fields_taken", "1", "whether it takes the text's request without one", func() float64 {
		decoder := json.NewDecoder(bytes.NewReader([]byte(`{"user_id":"U123","income":50000,"age_group":"A"}`)))
		decoder.DisallowUnknownFields()
		var asked struct {
			UserID   string `json:"user_id"`
			Income   int    `json:"income"`
			AgeGroup string `json:"age_group"`
		}
		return yes(decoder.Decode(&asked) == nil)
	})
}

func certificate() tls.Certificate {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"a"}}
	der := must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// answered asks a net/http server over TLS by HTTP/1.1.
func answered(offered, asked []string) float64 {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") }))
	server.Config.ErrorLog = quiet()
	server.EnableHTTP2 = false
	server.TLS = &tls.Config{NextProtos: offered, Certificates: []tls.Certificate{certificate()}}
	server.StartTLS()
	defer server.Close()
	connection, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: asked})
	if err != nil {
		return 0
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	must(io.WriteString(connection, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
	answer := make([]byte, 15)
	if _, err := io.ReadFull(connection, answer); err != nil {
		return 0
	}
	return yes(string(answer) == "HTTP/1.1 200 OK")
}

// speaksHTTP2 sends a connection preface and an empty SETTINGS frame, as a client that knows that
// the server speaks HTTP/2 does, and looks for a SETTINGS frame.
func speaksHTTP2(serve func(net.Listener)) float64 {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	go serve(listener)
	connection := must(net.Dial("tcp", listener.Addr().String()))
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	must(io.WriteString(connection, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"))
	head := make([]byte, 9)
	if _, err := io.ReadFull(connection, head); err != nil {
		return 0
	}
	return yes(head[3] == 4 && head[0] == 0)
}
