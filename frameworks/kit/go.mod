module bench.lab/kit

go 1.26
