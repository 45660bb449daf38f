package kit

// mix scrambles a counter. It is the finaliser of MurmurHash3, a bijection on
// 32-bit integers: consecutive counters give values that look random, and two
// counters never give the same value. That makes payloads and route names
// reproducible in any language without a list to carry around, and route names
// distinct without a check.
func mix(x uint32) uint32 {
	x ^= x >> 16
	x *= 0x85ebca6b
	x ^= x >> 13
	x *= 0xc2b2ae35
	x ^= x >> 16
	return x
}
