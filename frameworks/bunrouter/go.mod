module bench.lab/bunrouter

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/uptrace/bunrouter v1.0.23
)

replace bench.lab/kit => ../kit
