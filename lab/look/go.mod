module bench.lab/look

go 1.26
