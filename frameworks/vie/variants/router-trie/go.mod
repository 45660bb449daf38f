module bench.lab/vie/variants/router-trie

go 1.26

require (
	bench.lab/kit v0.0.0
	bench.lab/reference/vie v0.0.0
	bench.lab/vie v0.0.0
)

replace (
	bench.lab/kit => ../../../kit
	bench.lab/reference/vie => ../../../../reference/vie
	bench.lab/vie => ../..
)
