module bench.lab/fox

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/fox-toolkit/fox v0.27.1
)

require (
	golang.org/x/net v0.49.0 // indirect
	golang.org/x/sys v0.40.0 // indirect
	golang.org/x/text v0.33.0 // indirect
)

replace bench.lab/kit => ../kit
