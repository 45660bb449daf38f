module bench.lab/nano/variants/fasthttp

go 1.26.0

require (
	bench.lab/kit v0.0.0
	bench.lab/reference/nano/fast v0.0.0
	github.com/valyala/fasthttp v1.78.0
)

require (
	bench.lab/reference/nano v0.0.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/molecule-man/go-brrr v1.3.1 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
)

replace (
	bench.lab/kit => ../../../kit
	bench.lab/reference/nano => ../../../../reference/nano
	bench.lab/reference/nano/fast => ../../../../reference/nano/fast
)
