module bench.lab/fasthttp

go 1.26

require (
	bench.lab/kit v0.0.0
	// The version under the pinned Fiber, for which this engine is the control.
	github.com/valyala/fasthttp v1.73.0
)

require (
	github.com/andybalholm/brotli v1.2.2 // indirect
	github.com/klauspost/compress v1.19.1 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
)

replace bench.lab/kit => ../kit
