package kit

// turn goes round n times, at least once; see turn_amd64.s.
//
//go:noescape
func turn(n uint64)
