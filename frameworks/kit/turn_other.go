//go:build !amd64

package kit

// turn goes round n times; how many instructions that takes is the compiler's
// affair. They are counted on amd64 only.
//
//go:noinline
func turn(n uint64) {
	for ; n > 0; n-- {
	}
}
