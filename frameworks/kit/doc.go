// Package kit is the little that the Go servers of the lab share: the
// environment they are started with, the payloads they answer with, the extra
// routes, the busy work for positive controls, the probe that reads the Go
// runtime from outside, and the start and stop of the process.
//
// It imports no net/http, directly or through others. A server on an engine of
// its own would otherwise carry net/http in its binary, its start-up and its
// memory only because it is measured here. A test holds the package to that.
package kit
