module bench.lab/httprouter

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/julienschmidt/httprouter v1.3.0
)

replace bench.lab/kit => ../kit
