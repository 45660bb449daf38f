module bench.lab/ozzo

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/go-ozzo/ozzo-routing/v2 v2.4.0
)

require github.com/golang/gddo v0.0.0-20190904175337-72a348e765d2 // indirect

replace bench.lab/kit => ../kit
