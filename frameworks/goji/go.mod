module bench.lab/goji

go 1.26

require (
	bench.lab/kit v0.0.0
	goji.io v2.0.2+incompatible
)

replace bench.lab/kit => ../kit
