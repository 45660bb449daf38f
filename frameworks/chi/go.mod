module bench.lab/chi

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/go-chi/chi/v5 v5.5.0
)

replace bench.lab/kit => ../kit
