module bench.lab/gocraft

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/gocraft/web v0.0.0-20190207150652-9707327fb69b
)

require github.com/stretchr/testify v1.12.1 // indirect

replace bench.lab/kit => ../kit
