module bench.lab/rux

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/gookit/rux v1.4.0
)

require (
	github.com/gookit/color v1.5.4 // indirect
	github.com/gookit/filter v1.2.0 // indirect
	github.com/gookit/goutil v0.6.12 // indirect
	github.com/gookit/validate v1.5.0 // indirect
	github.com/monoculum/formam v3.5.5+incompatible // indirect
	github.com/xo/terminfo v0.0.0-20220910002029-abceb7e1c41e // indirect
	golang.org/x/sync v0.3.0 // indirect
	golang.org/x/sys v0.10.0 // indirect
	golang.org/x/text v0.11.0 // indirect
)

replace bench.lab/kit => ../kit
