// Command beego serves the contract with Beego.
package main

import (
	"errors"
	"net"
	"strconv"

	"bench.lab/beego/app"
	"bench.lab/beego/quiet"
	"bench.lab/kit"
)

func main() {
	quiet.End()
	options := kit.Setup("beego")
	server := app.New(options)
	kit.Run(options, kit.Server{
		// Beego opens its socket by itself, and logs why where it cannot.
		ListenAndServe: func() error {
			listen := &server.Cfg.Listen
			if options.CertFile != "" {
				host, port, err := net.SplitHostPort(options.Listen)
				if err != nil {
					return err
				}
				listen.EnableHTTP, listen.EnableHTTPS = false, true
				listen.HTTPSAddr = host
				listen.HTTPSPort, _ = strconv.Atoi(port)
				listen.HTTPSCertFile, listen.HTTPSKeyFile = options.CertFile, options.KeyFile
			}
			server.Run(options.Listen)
			return errors.New("Beego does not say why")
		},
		Shutdown: server.Server.Shutdown,
	})
}
