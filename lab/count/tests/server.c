/*
 * A server of the contract's /json whose work for a request is known: `respond` is entered once for
 * each, and `turn` takes two instructions for each of SPIN_TURNS. What else it may do is chosen
 * when it is compiled.
 */
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM 256

/* A loop that does not begin where the function does: it is entered once a call. */
__attribute__((noinline)) void turn(long n)
{
    __asm__ volatile("xor %%eax, %%eax\n1: dec %0\n jnz 1b" : "+r"(n) : : "eax", "cc");
}

/* So long that who asks is faster than who answers. */
__attribute__((noinline)) void work(void)
{
    long n = 100000;
    __asm__ volatile("xor %%eax, %%eax\n1: dec %0\n jnz 1b" : "+r"(n) : : "eax", "cc");
}

__attribute__((noinline)) void respond(int client, long turns)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n"
#ifdef LIES
                                 "{\"message\":\"no\"}";
#else
                                 "{\"message\":\"ok\"}";
#endif
    work();
    if (turns > 0) {
        turn(turns);
    }
    if (write(client, answer, sizeof answer - 1) < 0) {
        exit(3);
    }
}

int main(void)
{
    const char *listen_on = getenv("LISTEN"), *spin = getenv("SPIN_TURNS");
    long turns = spin ? atol(spin) : 0;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(strchr(listen_on, ':') + 1))};
    struct pollfd all[ROOM];
    int count = 1, one = 1;
    long answered = 0;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
#ifdef NEVER_STARTS
    fprintf(stderr, "there is no licence\n");
    return 7;
#endif
    all[0].fd = socket(AF_INET, SOCK_STREAM, 0);
    all[0].events = POLLIN;
    setsockopt(all[0].fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(all[0].fd, (struct sockaddr *)&address, sizeof address) || listen(all[0].fd, ROOM)) {
        return 1;
    }
    for (;;) {
        poll(all, count, -1);
        if (all[0].revents && count < ROOM) {
            all[count].fd = accept(all[0].fd, 0, 0);
            all[count].revents = 0;
            all[count++].events = POLLIN;
        }
        for (int i = 1; i < count; i++) {
            char request[4096];
            if (!all[i].revents) {
                continue;
            }
            if (read(all[i].fd, request, sizeof request) <= 0) {
                close(all[i].fd);
                all[i--] = all[--count];
                continue;
            }
            respond(all[i].fd, turns);
            answered++;
#ifdef DIES
            if (answered == 300) {
                abort();
            }
#endif
#ifdef HANGS
            if (answered == 300) {
                pause();
            }
#endif
        }
    }
}
