module bench.lab/nano

go 1.26

require (
	bench.lab/kit v0.0.0
	bench.lab/reference/nano v0.0.0
)

replace (
	bench.lab/kit => ../kit
	bench.lab/reference/nano => ../../reference/nano
)
