"""What packets tell: waiting times, whose changes fire whose watches, whose transactions failed."""
import collections
import struct

import xenstore_trace as trace

DIRECTORY, READ, GET_PERMS, WATCH, TRANSACTION_END = 1, 2, 3, 4, 7
INTRODUCE, RELEASE, WATCH_EVENT, ERROR = 8, 9, 15, 16
# WRITE, MKDIR, RM, SET_PERMS.
RM, CHANGING = 13, (11, 12, 13, 14)
CUT = 64
# What a packet has in place of a domain if it is of a socket, which are Dom0's.
OF_SOCKET = 0xFFFF
# Bounds of what is kept.
KEPT, OPEN, RECENT, PAIRS, SLOWEST = 2_000, 10_000, 1_024, 2_000, 20


def absolute(path, domid):
    return path if path[:1] in (b"/", b"@") else b"/local/domain/%d/" % domid + path


def fires(request, path, cut):
    """Whether an event of this path can come from the request. A path that is cut is compared as far as it goes."""
    kind, changed, changed_cut = request
    if path == changed or kind == RM and path.startswith(changed.rstrip(b"/") + b"/"):
        return True
    return cut and changed.startswith(path) or changed_cut and path.startswith(changed)


class Derived:
    """Goes through packets in their order, once each."""

    def __init__(self):
        self.packets = collections.deque(maxlen=KEPT)
        self.open = {}
        self.recent = collections.deque(maxlen=RECENT)
        self.watching = {}
        # (who, whose watch): [events, the last path, its time]; who is -1 where no request was found.
        self.pairs = {}
        # Failed TRANSACTION_ENDs by domain.
        self.failed = collections.Counter()
        # [waiting time, when, line] of the slowest replies.
        self.slowest = []
        self.seen = 0

    def take(self, packet):
        """A packet of a client. Returns seconds from the request to this reply, or None."""
        self.seen += 1
        if packet.domid == OF_SOCKET:
            packet.domid = 0
        kind, number, _, length = packet.header
        wait = None
        if not packet.out:
            self._request(packet, kind, length)
            remember(self.open, (packet.link, number), packet, OPEN)
        elif kind == WATCH_EVENT:
            self._event(packet, length)
        else:
            request = self.open.pop((packet.link, number), None)
            if request is not None:
                wait = packet.seconds - request.seconds
                self._slow(wait, request)
                if kind == ERROR and request.header[0] == TRANSACTION_END and packet.payload.startswith(b"EAGAIN"):
                    self.failed[packet.domid] += 1
        self.packets.append(packet_row(self.seen, packet, wait))
        return wait

    def _request(self, packet, kind, length):
        path, _, rest = packet.payload.partition(b"\0")
        if kind in CHANGING:
            change = (kind, absolute(path, packet.domid), length > CUT and not _ends(packet.payload))
            self.recent.append((packet.domid, change))
        elif kind in (INTRODUCE, RELEASE):
            name = b"@introduceDomain" if kind == INTRODUCE else b"@releaseDomain"
            self.recent.append((packet.domid, (kind, name, False)))
        elif kind == WATCH:
            remember(self.watching, (packet.link, path, rest.split(b"\0")[0]), True, OPEN)

    def _event(self, packet, length):
        path, _, rest = packet.payload.partition(b"\0")
        # The first event of a watch comes with no change.
        if self.watching.pop((packet.link, path, rest.split(b"\0")[0]), None):
            return
        cut = length > CUT and not _ends(packet.payload)
        wanted = absolute(path, packet.domid)
        who = next((domid for domid, change in reversed(self.recent) if fires(change, wanted, cut)), -1)
        pair = self.pairs.setdefault((who, packet.domid), [0, "", 0.0])
        pair[0] += 1
        pair[1:] = [wanted.decode("latin-1"), packet.seconds]
        if len(self.pairs) > PAIRS:
            self.pairs.pop(min(self.pairs, key=lambda key: self.pairs[key][0]))

    def _slow(self, wait, request):
        if len(self.slowest) == SLOWEST and wait <= self.slowest[-1][0]:
            return
        kind = request.header[0]
        name = trace.TYPES[kind] if kind < len(trace.TYPES) else str(kind)
        payload = request.payload[: request.header[3]].rstrip(b"\0").replace(b"\0", b" ").decode("latin-1")
        line = "domain %d, connection %d: %s %s" % (request.domid, request.link, name, payload)
        self.slowest.append((wait, request.seconds, line))
        self.slowest.sort(key=lambda one: one[0], reverse=True)
        del self.slowest[SLOWEST:]

    def slowest_lines(self):
        return [[wait * 1000, seconds, line] for wait, seconds, line in self.slowest]

    def fired(self):
        return [[who, whose] + pair for (who, whose), pair in self.pairs.items()]


def _ends(payload):
    return b"\0" in payload


def remember(table, key, value, most):
    table[key] = value
    if len(table) > most:
        table.pop(next(iter(table)))


def packet_row(n, packet, wait):
    kind, request, transaction, length = packet.header
    return [n, packet.seconds, packet.link, packet.domid, int(packet.out), kind, request, transaction,
            length, packet.payload.decode("latin-1"), None if wait is None else wait * 1000]


def of_waits(waits):
    """Median, 99th percentile and longest of waiting times, in milliseconds; None: there are none."""
    if not waits:
        return None
    waits = sorted(waits)
    at = lambda part: waits[min(len(waits) - 1, int(part * len(waits)))] * 1000
    return at(0.5), at(0.99), waits[-1] * 1000


class Own:
    """Tells the packets that this program itself causes from those of others."""

    def __init__(self):
        self.link = None
        # Over the device all programs of Dom0 have one connection; then only what nobody else asks for is left out.
        self.shared = False
        self.requests = {}
        # Of the watch on /. The kernel puts a token of its own in place of this program's.
        self.token = None

    def is_own(self, packet):
        if packet.link != self.link or not self.shared:
            return packet.link == self.link
        kind, number, _, _ = packet.header
        if packet.out and kind == WATCH_EVENT:
            token = packet.payload.partition(b"\0")[2].split(b"\0")[0]
            # A path of 63 bytes leaves no room for the token: more of the events are this program's than of others.
            return self.token is not None and self.token.startswith(token)
        if packet.out:
            return self.requests.pop(number, False)
        own = packet.payload.startswith((b"trace-dump\0-o\0", b"/tool/xenstored/"))
        if kind == WATCH and packet.payload.startswith(b"/\0"):
            self.token = packet.payload.split(b"\0")[1]
            own = True
        if own:
            remember(self.requests, number, True, OPEN)
        return own


class Trace:
    """Fetches new packets from the store, a bounded number at a time."""

    PIECES = 48
    BEYOND = 10**14

    def __init__(self, link):
        self.link, self.at = link, 0
        self.own = Own()

    def _ask(self, at):
        """The packets from a number on, the number behind them, and how many there are; None: it has no packet trace."""
        reply = self.link.one(0, b"trace-dump\0-o\0%d\0" % at)
        if isinstance(reply, OSError) or not reply.startswith(trace.MAGIC):
            return None
        try:
            head = trace.HEAD.unpack_from(reply)
            return trace.of_dump(reply[:-1]), head[4], head[8]
        except (ValueError, struct.error):
            return None

    def begin(self):
        """Where to begin, and which connection is this program's own. Returns whether the store has a packet trace."""
        found = self._ask(self.BEYOND)
        if found is None or found[2] == 0:
            return False
        recorded = found[2]
        self.at = max(0, recorded - KEPT)
        asked = b"trace-dump\0-o\0%d\0" % self.BEYOND
        for packet in (self._ask(max(0, recorded - 8)) or [[]])[0]:
            if packet.payload == asked and not packet.out:
                self.own.link = packet.link
        if self.own.link is not None:
            kind = self.link.texts(["/tool/xenstored/connection/%d/kind" % self.own.link])[0]
            self.own.shared = kind != "socket"
        return True

    def fetch(self):
        """Yields lists of new packets of others."""
        for _ in range(self.PIECES):
            found = self._ask(self.at)
            if found is None:
                return
            packets, behind, recorded = found
            if recorded - behind > KEPT:
                # They come faster than they are fetched: the latest count.
                self.at = recorded - KEPT
                continue
            self.at = behind
            yield [packet for packet in packets if not self.own.is_own(packet)]
            # The last message itself is recorded: there is always one more.
            if recorded - behind <= 4:
                return
