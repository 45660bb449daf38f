package app_test

import (
	"testing"

	"bench.lab/bunrouter/app"
	"bench.lab/kit/kittest"
)

// BunRouter answers 405 to a wrong method only where no parameter stands before the end
// of the route.
func TestContract(t *testing.T) {
	kittest.Contract(t, kittest.Handler(app.New),
		kittest.Exception{Method: "POST", Path: "/user/1/post/2", Status: 404},
		kittest.Exception{Method: "HEAD", Path: "/user/1/post/2", Status: 404})
}

func BenchmarkApp(b *testing.B) { kittest.BenchmarkHandler(b, app.New) }
