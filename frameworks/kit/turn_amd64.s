#include "textflag.h"

// func turn(n uint64)
// Two instructions a turn, four beside them: a work whose size is known to the
// instruction, whatever a compiler makes of a loop.
TEXT ·turn(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX
again:
	DECQ CX
	JNE  again
	RET
