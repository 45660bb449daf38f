module bench.lab/httptreemux

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/dimfeld/httptreemux/v5 v5.5.0
)

replace bench.lab/kit => ../kit
