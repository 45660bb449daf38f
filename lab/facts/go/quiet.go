package main

import (
	"io"
	"log"
)

// quiet is a log for what is expected to go wrong.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
