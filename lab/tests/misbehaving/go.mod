module bench.lab/misbehaving

go 1.26

require (
	bench.lab/kit v0.0.0
	bench.lab/nethttp v0.0.0
)

replace (
	bench.lab/kit => ../../../frameworks/kit
	bench.lab/nethttp => ../../../frameworks/nethttp
)
