module bench.lab/huma

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/danielgtaylor/huma/v2 v2.39.0
)

replace bench.lab/kit => ../kit
