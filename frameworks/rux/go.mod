module bench.lab/rux

go 1.26

require (
	bench.lab/kit v0.0.0
	github.com/gookit/rux v1.4.1
)

require (
	github.com/gookit/color v1.6.0 // indirect
	github.com/gookit/filter v1.2.3 // indirect
	github.com/gookit/goutil v0.7.1 // indirect
	github.com/gookit/validate v1.5.5 // indirect
	github.com/monoculum/formam v3.5.5+incompatible // indirect
	github.com/xo/terminfo v0.0.0-20220910002029-abceb7e1c41e // indirect
	golang.org/x/sync v0.11.0 // indirect
	golang.org/x/sys v0.30.0 // indirect
	golang.org/x/text v0.22.0 // indirect
)

replace bench.lab/kit => ../kit
