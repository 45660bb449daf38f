module bench.lab/goji1

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/zenazn/goji v1.0.1
)

replace bench.lab/kit => ../kit
