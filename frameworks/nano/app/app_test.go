package app_test

import (
	"testing"

	"bench.lab/kit/kittest"
	"bench.lab/nano/app"
)

func TestContract(t *testing.T) { kittest.Contract(t, kittest.Handler(app.New)) }

func BenchmarkApp(b *testing.B) { kittest.BenchmarkHandler(b, app.New) }
