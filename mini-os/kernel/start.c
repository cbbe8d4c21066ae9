/* Starts the kernel and calls the program. */
#include <mini-os/arch.h>
#include <mini-os/clock.h>
#include <mini-os/compiler.h>
#include <mini-os/console.h>
#include <mini-os/events.h>
#include <mini-os/grants.h>
#include <mini-os/handover.h>
#include <mini-os/image.h>
#include <mini-os/memory.h>
#include <mini-os/panic.h>
#include <mini-os/program.h>

#define MAX_WORDS 64

struct boot_info boot;
struct handover *handover;
struct shared_info *shared_info HOT_DATA;

/* Splits the command line into words, in place. Drops words beyond MAX_WORDS. */
static int split_words(char *line, char **words) {
    int count = 0;
    char *at = line;

    words[count++] = (char *)"xenstore";
    while (*at && count < MAX_WORDS) {
        while (*at == ' ')
            *at++ = '\0';
        if (*at)
            words[count++] = at;
        while (*at && *at != ' ')
            at++;
    }
    if (*at == ' ')
        *at = '\0';
    words[count] = NULL;
    return count;
}

static void say_memory_grows(size_t most) {
    console_line("mini-os: the memory that the domain was started with is full; it grows, by at "
                 "most %lu KiB",
                 (unsigned long)most / 1024);
}

void kernel_start(void) {
    static char *words[MAX_WORDS + 1];

    if (handover) {
        panic_instead = image_return;
        events_continue(&handover->events);
        memory_continue(&handover->memory, say_memory_grows);
        grants_continue(&handover->grants);
        grant_table_continue(&handover->grants);
    } else {
        events_init();
        memory_init(say_memory_grows);
    }
    clock_init();
    if (console_port())
        event_unmask(console_port());
    console_line("mini-os: %s%s, %lu KiB heap, command line: %s", boot.kind,
                 handover ? ", in place of another image" : "",
                 (unsigned long)memory_total() / 1024, boot.command_line);
    console_urgent(false);
    int count = split_words(boot.command_line, words);
    int status = main(count, words);
    if (status != 0)
        panic("the program ended with status %d", status);
    power_off();
}
