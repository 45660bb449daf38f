module bench.lab/muxie

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/kataras/muxie v1.1.2
)

replace bench.lab/kit => ../kit
