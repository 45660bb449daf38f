module bench.lab/buaazp

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/buaazp/fasthttprouter v0.1.1
	github.com/valyala/fasthttp v1.73.0
)

require (
	github.com/andybalholm/brotli v1.2.2 // indirect
	github.com/klauspost/compress v1.19.1 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
)

replace bench.lab/kit => ../kit
