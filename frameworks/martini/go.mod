module bench.lab/martini

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/go-martini/martini v0.0.0-20170121215854-22fa46961aab
)

require github.com/codegangsta/inject v0.0.0-20150114235600-33e0aa1cb7c0 // indirect

replace bench.lab/kit => ../kit
