module bench.lab/gorilla

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/gorilla/mux v1.8.1
)

replace bench.lab/kit => ../kit
