module bench.lab/restful

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/emicklei/go-restful/v3 v3.14.0
)

replace bench.lab/kit => ../kit
