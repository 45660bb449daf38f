module bench.lab/reference/nano

go 1.26
