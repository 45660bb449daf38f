// Command air serves the contract with Air.
package main

import (
	"bench.lab/air/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("air")
	server := app.New(options)
	server.Address = options.Listen
	server.TLSCertFile, server.TLSKeyFile = options.CertFile, options.KeyFile
	kit.Run(options, kit.Server{
		ListenAndServe: server.Serve,
		Shutdown:       server.Shutdown,
	})
}
