"""Figures of the store: from its status tree, which xenstore-ts has, and from times measured here."""
import collections
import time

STATUS = "/tool/xenstored"
QUOTAS = ("nodes watches outstanding memory soft-memory transactions transaction-nodes node-permissions path-max"
          " node-size").split()
DOMAIN = QUOTAS + ["refusals", "connection", "target"]
CONNECTION = ("kind domain process state requests events last-request idle-ms queue dropped outstanding transactions"
              " watches conflicts-suffered conflicts-caused hindered-by").split()
COUNTERS = ("requests", "events")
ROOT = "version uptime program-uptime recoveries refusals".split()
TRAFFIC = "requests replies events found-late".split()
# Half an hour of samples, two seconds apart.
SAMPLES = 900
# Domains and connections that are asked for in one round, once all have been asked for.
ROUND = 60
BATCH = 8


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return 0.0


class Ring:
    """Asks for numbered things in turn, the new ones first."""

    def __init__(self):
        self.found = {}

    def choose(self, numbers):
        there = set(numbers)
        for gone in [n for n in self.found if n not in there]:
            del self.found[gone]
        new = [n for n in numbers if n not in self.found]
        old = sorted((n for n in numbers if n in self.found), key=lambda n: self.found[n]["at"])
        return new + old[: max(ROUND - len(new), 0)]


class Figures:
    def __init__(self):
        self.link = None
        # None: this store has no status tree.
        self.store = None
        self.domains, self.connections = Ring(), Ring()
        self.samples = collections.deque(maxlen=SAMPLES)
        self.before = None
        self.slow = []
        self.turns = []
        # Requests and events of this program.
        self.own = (0, 0)

    def begin(self, link):
        self.link, self.before, self.store = link, None, None
        self.domains, self.connections = Ring(), Ring()

    def measure(self):
        """Seconds of one READ, with nothing else asked by this program."""
        begun = time.monotonic()
        self.link.one(1 + 1, b"/\0")
        return time.monotonic() - begun

    def cycle(self):
        """Asks for all figures; yields between requests, so that the tree is read meanwhile."""
        self.turns.append(self.measure())
        names = self.link.names(STATUS)
        if names is None or "uptime" not in names:
            self.store = None
            return
        below = ["%s/memory/%s" % (STATUS, name) for name in self.link.names(STATUS + "/memory") or []]
        paths = ["%s/%s" % (STATUS, name) for name in ROOT]
        paths += ["%s/traffic/%s" % (STATUS, name) for name in TRAFFIC] + below
        paths += ["%s/slow/%s" % (STATUS, name) for name in ("after-ms", "count")]
        texts = self.link.texts(paths)
        # At the same place of each round, so that the difference of two rounds is exact.
        self.own = (self.link.number, self.link.events)
        self.store = {path[len(STATUS) + 1 :]: text for path, text in zip(paths, texts) if text is not None}
        slow = self.link.texts(["%s/slow/%d" % (STATUS, n) for n in range(1, 9)])
        self.slow = [text for text in slow if text is not None]
        yield
        yield from self.each(self.domains, "domain", DOMAIN)
        yield from self.each(self.connections, "connection", CONNECTION)

    def each(self, ring, kind, names):
        found = self.link.names("%s/%s" % (STATUS, kind)) or []
        chosen = ring.choose([int(name) for name in found if name.isdigit()])
        for at in range(0, len(chosen), BATCH):
            part = chosen[at : at + BATCH]
            texts = self.link.texts(["%s/%s/%d/%s" % (STATUS, kind, n, name) for n in part for name in names])
            for i, n in enumerate(part):
                self.keep(ring, n, dict(zip(names, texts[i * len(names) : (i + 1) * len(names)])))
            yield

    def keep(self, ring, n, values):
        if all(value is None for value in values.values()):
            ring.found.pop(n, None)
            return
        now, before = time.monotonic(), ring.found.get(n)
        values["at"] = now
        for name in COUNTERS:
            if name in values:
                passed = now - before["at"] if before else 0
                values[name + "/s"] = max(0, number(values[name]) - number(before[name])) / passed if passed > 0 else 0
        ring.found[n] = values

    def sample(self, waits, nodes):
        """A point of the curves. `waits`: of_waits() of other clients' requests, or None."""
        now = time.time()
        own = max(self.turns, default=None)
        self.turns = []
        totals = None
        if self.store is not None:
            totals = [number(self.store.get(name)) for name in ("traffic/requests", "traffic/events", "slow/count")]
            # What this program itself asks for is not the load that somebody looks for.
            totals = [totals[0] - self.own[0], totals[1] - self.own[1], totals[2]]
        rates = [None, None, None]
        if totals and self.before and now > self.before[0] and totals[0] >= self.before[1][0]:
            rates = [max(0, a - b) / (now - self.before[0]) for a, b in zip(totals, self.before[1])]
        self.before = (now, totals) if totals else None
        self.samples.append([now] + rates[:2] + list(waits or (None, None, None))
                            + [None if own is None else own * 1000, totals[2] if totals else None, nodes])
