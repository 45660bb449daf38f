module bench.lab/flow

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/alexedwards/flow v1.0.0
)

replace bench.lab/kit => ../kit
