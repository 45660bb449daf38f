module bench.lab/echo/variants/untimed

go 1.26

require (
	bench.lab/echo v0.0.0
	bench.lab/kit v0.0.0
	github.com/labstack/echo/v5 v5.4.5
)

require golang.org/x/time v0.15.0 // indirect

replace (
	bench.lab/echo => ../..
	bench.lab/kit => ../../../kit
)
