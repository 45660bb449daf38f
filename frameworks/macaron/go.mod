module bench.lab/macaron

go 1.26

require (
	bench.lab/kit v0.0.0
	gopkg.in/macaron.v1 v1.5.1
)

require (
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/go-macaron/inject v0.0.0-20160627170012-d8a0b8677191 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	github.com/unknwon/com v0.0.0-20190804042917-757f69c95f3e // indirect
	golang.org/x/crypto v0.40.0 // indirect
	gopkg.in/ini.v1 v1.66.6 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

replace bench.lab/kit => ../kit
