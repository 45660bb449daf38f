module bench.lab/webgo

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/naughtygopher/webgo/v7 v7.1.1
)

replace bench.lab/kit => ../kit
