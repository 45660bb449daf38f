// Command bare serves the contract with go-zero without its default middlewares.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/zeromicro/go-zero/rest"

	"bench.lab/gozero/app"
	"bench.lab/kit"
)

func main() {
	options := kit.Setup("gozero@bare")
	stopped := make(chan struct{})
	kit.Run(options, kit.Server{
		// go-zero opens its socket by itself, and panics where it cannot.
		ListenAndServe: func() (err error) {
			defer close(stopped)
			defer func() {
				if problem := recover(); problem != nil {
					var is bool
					if err, is = problem.(error); !is {
						err = fmt.Errorf("%v", problem)
					}
				}
			}()
			server, err := app.New(options, bare)
			if err != nil {
				return err
			}
			server.Start()
			return errors.New("the server was closed")
		},
		// go-zero handles SIGTERM by itself: it goes on for a second and then shuts down.
		Shutdown: func(bounded context.Context) error {
			select {
			case <-stopped:
				return nil
			case <-bounded.Done():
				return bounded.Err()
			}
		},
	})
}

// bare turns off what go-zero puts around each route by default.
func bare(config *rest.RestConf) {
	config.Middlewares = rest.MiddlewaresConf{}
}
