module bench.lab/nethttp

go 1.26

require bench.lab/kit v0.0.0

replace bench.lab/kit => ../kit
