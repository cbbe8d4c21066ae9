/* What the program below tells of itself, through the whole program: status nodes, reports,
 * packets, a state. */
#include "../../stubdom/engine/boot.h"
#include "../../stubdom/engine/turn.h"
#include "../../stubdom/trace/packets.h"
#include "check.h"
#include "fake_platform.h"
#include "pipe_link.h"
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

extern const uint8_t embedded_program[], embedded_program_end[];

static struct pipe_end end;
static int the_link;
static struct header reply;
static char answer[PAYLOAD_MAX + 1];

static void start(char *arg) {
    static char *args[2];
    args[0] = arg;
    struct platform_config config = {.priv_port = -1, .own_port = -1, .args = args};
    fake_log[0] = '\0';
    packets_start(1 << 16);
    const char *wrong =
        engine_start(embedded_program, embedded_program_end - embedded_program, &config);
    if (wrong) {
        printf("# %s\n%s", wrong, fake_log);
        exit(1);
    }
    the_link = pipe_open(&end);
    link_connected(the_link);
}

static void stop(void) {
    link_close(the_link);
    engine_stop();
    packets_stop();
}

/* Words with '|' for NUL; the answer's first string is in `answer`. False: an error. */
static bool ask(uint32_t type, const char *words) {
    struct header header = {.type = type, .request_id = 42, .length = strlen(words)};
    char *to = end.to_server + end.to_length;
    memcpy(to, &header, sizeof(header));
    for (uint32_t i = 0; i < header.length; i++)
        to[sizeof(header) + i] = words[i] == '|' ? '\0' : words[i];
    end.to_length += sizeof(header) + header.length;
    link_wake(the_link);
    for (int i = 0; i < 50; i++) {
        int events = link_events(engine.events, ENGINE_EVENTS);
        long delay = engine_turn(events);
        link_flush();
        if (delay != 0 && !link_has_events())
            break;
    }
    while (pipe_receive(&end, &reply, answer))
        if (reply.type != XS_WATCH_EVENT)
            return reply.type != XS_ERROR;
    return false;
}

static bool reads(const char *path, const char *value) {
    char words[128];
    snprintf(words, sizeof(words), "/tool/xenstored/%s|", path);
    return ask(XS_READ, words) && strcmp(answer, value) == 0;
}

static void status_nodes(void) {
    /* On a busy machine a reply may be late. */
    static char patient[] = "--slow-after=60000";
    start(patient);
    CHECK(ask(XS_WATCH, "/a|t|"));
    CHECK(ask(XS_WRITE, "/a|1"));
    CHECK(reads("connection/0/requests", "3")); /* this one among them */
    CHECK(reads("connection/0/events", "2"));
    CHECK(reads("connection/0/last-request", "READ"));
    CHECK(reads("connection/0/kind", "socket"));
    CHECK(reads("connection/0/process", ""));
    CHECK(reads("memory/fake", "42"));
    CHECK(reads("traffic/requests", "9"));
    CHECK(reads("slow/count", "0"));
    CHECK(reads("collector/runs", "0"));
    CHECK(ask(XS_READ, "/tool/xenstored/version|") && strchr(answer, '('));
    CHECK(ask(XS_READ, "/tool/xenstored/memory/engine-bytes|") && atol(answer) > 100000);
    CHECK(!ask(XS_READ, "/tool/xenstored/connection/1/requests|"));
    CHECK(!ask(XS_WRITE, "/tool/xenstored/memory/fake|1") && strcmp(answer, "EROFS") == 0);
    stop();
}

static void reports(void) {
    start(NULL);
    CHECK(ask(XS_CONTROL, "memreport|") && strstr(answer, "\nfake: 42\n"));
    CHECK(ask(XS_CONTROL, "metrics|") && strstr(answer, "\nxenstored_connections 1\n"));
    CHECK(ask(XS_CONTROL, "metrics|0|") &&
          strstr(answer, "\nxenstored_domain_requests_total{domid=\"0\"} 3\n"));
    CHECK(ask(XS_CONTROL, "config|slow-after|5|") && strcmp(answer, "OK") == 0);
    CHECK(reads("slow/after-ms", "5"));
    CHECK(ask(XS_CONTROL, "config|trace-file|/file|") && strcmp(answer, "/file: no files") == 0);
    fake_log[0] = '\0';
    CHECK(ask(XS_CONTROL, "log|on|") && ask(XS_READ, "/|"));
    CHECK(strstr(fake_log, "io: IN 0x1 (d0) ") && strstr(fake_log, " READ (/ )\n"));
    stop();
}

static void packets(void) {
    struct packets_header head;
    start(NULL);
    CHECK(ask(XS_READ, "/|"));
    CHECK(ask(XS_CONTROL, "trace-dump|-o|0|"));
    memcpy(&head, answer, sizeof(head));
    /* A request and its reply, and the request that asked. */
    CHECK(head.first == 0 && head.end == 3 && head.recorded == 3);
    CHECK(reply.length == sizeof(head) + 3 * sizeof(struct packet) + 1);
    CHECK(ask(XS_CONTROL, "trace-dump|-o|999999999999|"));
    CHECK(reply.length == sizeof(head) + 1);
    fake_log[0] = '\0';
    CHECK(ask(XS_CONTROL, "trace-dump|") && strstr(fake_log, "packet 0 "));
    CHECK(ask(XS_CONTROL, "trace-dump|/file|") && strcmp(answer, "no files") == 0);
    stop();
}

static void a_state(void) {
    start(NULL);
    CHECK(ask(XS_WRITE, "/kept|value"));
    CHECK(ask(XS_CONTROL, "dump|-b|") && atol(answer) > 500);
    CHECK(ask(XS_CONTROL, "dump|-o|0|") && strcmp(answer, "xenstore") == 0);
    CHECK(ask(XS_CONTROL, "dump|-o|99999999|") && reply.length == 1);
    CHECK(ask(XS_CONTROL, "dump|-e|") && strcmp(answer, "OK") == 0);
    CHECK(ask(XS_CONTROL, "dump|-o|0|") && reply.length == 1);
    stop();
}

static void an_option_without_a_meaning(void) {
    start("--persistent=true");
    CHECK(strstr(fake_log, "option --persistent has no meaning here: "));
    stop();
}

int main(void) {
    RUN(status_nodes);
    RUN(reports);
    RUN(packets);
    RUN(a_state);
    RUN(an_option_without_a_meaning);
    return VERDICT;
}
