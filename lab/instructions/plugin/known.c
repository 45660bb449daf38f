/*
 * A program that executes 2 * TURNS + 4 instructions and no other one: what a counter is held to
 * before it is believed.
 */
#define WORD_(x) #x
#define WORD(x) WORD_(x)
__asm__(".globl _start\n"
        "_start:\n"
        "    mov $" WORD(TURNS) ", %rcx\n"
        "1:  dec %rcx\n"
        "    jnz 1b\n"
        "    mov $60, %eax\n" /* exit */
        "    xor %edi, %edi\n"
        "    syscall\n");
