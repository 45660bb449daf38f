/*
 * A plugin of QEMU's user-mode emulators: how often each block of translated code was executed, by
 * thread.
 *
 * QEMU translates a program block by block; a block is entered at its first instruction and runs to
 * its last one. So the executions of a block times its instructions, summed over all blocks, is
 * what the program executed, and the blocks' addresses say where.
 *
 * All of it lies in memory that the lab has made and reads: a header, the blocks in the order of
 * their translation, and for each virtual CPU (in user-mode emulation: each thread) a row with one
 * counter a block. A row is written by one thread only, so counting needs no atomic operation and
 * loses nothing.
 *
 * Only what every version of the plugin interface has is used (1 is QEMU 4.2 to 8.x; later ones
 * refuse a plugin that says 1): two functions that register a callback, two that describe a block.
 * They are declared here, by the interface's documentation, so that no header is needed. The
 * inline counters of the interface are left alone: before version 2 threads share them and lose
 * counts.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef API
#error "API is the version of the plugin interface that this QEMU speaks"
#endif
/* As lab/instructions/src/counters.rs has them, which passes them on. */
#if !defined(BLOCKS) || !defined(THREADS) || !defined(MAGIC)
#error "BLOCKS, THREADS and MAGIC are given by who compiles this"
#endif

struct qemu_plugin_tb;
typedef uint64_t plugin_id;

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned int, void *), int, void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);

#define VISIBLE __attribute__((visibility("default")))
/* QEMU_PLUGIN_CB_NO_REGS: the callback reads no register of the program. */
#define NO_REGISTERS 0

VISIBLE int qemu_plugin_version = API;

struct header {
    uint64_t magic;
    /* How many blocks there are; beyond BLOCKS: not all of them are counted. */
    uint64_t blocks;
    /* One more than the highest thread that was counted. */
    uint64_t threads;
    /* Executions that have no counter, because the thread has no row. */
    uint64_t lost;
};

struct block {
    uint64_t address;
    uint64_t instructions;
};

struct shared {
    struct header header;
    struct block blocks[BLOCKS];
    uint64_t executed[THREADS][BLOCKS];
};

static struct shared *shared;

static void executed(unsigned int thread, void *block)
{
    if (thread >= THREADS) {
        __atomic_fetch_add(&shared->header.lost, 1, __ATOMIC_RELAXED);
        return;
    }
    if (thread >= __atomic_load_n(&shared->header.threads, __ATOMIC_RELAXED)) {
        uint64_t seen = __atomic_load_n(&shared->header.threads, __ATOMIC_RELAXED);
        while (seen <= thread && !__atomic_compare_exchange_n(&shared->header.threads, &seen, (uint64_t)thread + 1, 0,
                                                              __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        }
    }
    shared->executed[thread][(uintptr_t)block] += 1;
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
    (void)id;
    uint64_t block = __atomic_fetch_add(&shared->header.blocks, 1, __ATOMIC_RELAXED);
    if (block >= BLOCKS) {
        return;
    }
    shared->blocks[block].address = qemu_plugin_tb_vaddr(tb);
    shared->blocks[block].instructions = qemu_plugin_tb_n_insns(tb);
    qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, NO_REGISTERS, (void *)(uintptr_t)block);
}

VISIBLE int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    const char *into = NULL;
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "into=", 5) == 0) {
            into = argv[i] + 5;
        }
    }
    if (into == NULL) {
        return 1;
    }
    int file = open(into, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return 1;
    }
    void *memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory == MAP_FAILED) {
        return 1;
    }
    shared = memory;
    shared->header.magic = MAGIC;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
