module bench.lab/reference/vie

go 1.26
