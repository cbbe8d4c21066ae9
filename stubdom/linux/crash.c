#include "crash.h"
#include "stubdom/trace/packets.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define TOLD 64

static const struct log_out *out;

static void tell(const char *line, size_t length) {
    log_out_last_words(out, line, length);
}

/* SA_RESETHAND has removed the handler, so a second fault in it ends the process, and so does the
 * raise() at its end. */
static void last_words(int signal, siginfo_t *about, void *context) {
    char line[96];
    (void)context;
    int size = snprintf(line, sizeof(line), "xenstored: signal %d at %p; the last packets:", signal,
                        about->si_addr);
    tell(line, size);
    packets_tail(TOLD, tell);
    raise(signal);
}

void crash_prepare(const struct log_out *last_words_to) {
    out = last_words_to;
    static char stack[32768];
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    stack_t own = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action = {.sa_sigaction = last_words,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER};
    if (sigaltstack(&own, NULL) != 0)
        return;
    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}
