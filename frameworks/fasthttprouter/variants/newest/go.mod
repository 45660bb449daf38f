module bench.lab/fasthttprouter/variants/newest

go 1.26.0

require (
	bench.lab/fasthttprouter v0.0.0
	bench.lab/kit v0.0.0
	github.com/valyala/fasthttp v1.78.0
)

require (
	github.com/fasthttp/router v1.5.4 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/molecule-man/go-brrr v1.3.1 // indirect
	github.com/savsgio/gotils v0.0.0-20240704082632-aef3928b8a38 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
)

replace (
	bench.lab/fasthttprouter => ../..
	bench.lab/kit => ../../../kit
)
