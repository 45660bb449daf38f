module bench.lab/atreugo

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/savsgio/atreugo/v11 v11.13.2
)

require (
	github.com/andybalholm/brotli v1.1.0 // indirect
	github.com/fasthttp/router v1.5.2 // indirect
	github.com/klauspost/compress v1.17.9 // indirect
	github.com/savsgio/gotils v0.0.0-20240704082632-aef3928b8a38 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fasthttp v1.55.0 // indirect
	github.com/valyala/tcplisten v1.0.0 // indirect
	golang.org/x/sys v0.21.0 // indirect
)

replace bench.lab/kit => ../kit
