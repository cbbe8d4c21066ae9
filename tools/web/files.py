"""What the page shows of a file: a state, or packets."""
import os
import struct
import sys

import xenstore_state as state
import xenstore_trace as trace

from .figures import QUOTAS
from .packets import Derived, of_waits

# The curves of a trace have at most this many points.
POINTS = 300
BIGGEST = 1 << 30
# Seconds: a year that no trace is of.
LATEST = 1e12


def read(name):
    with (sys.stdin.buffer if name == "-" else open(name, "rb")) as file:
        # In pieces: read() of a large number takes memory for all of it, which a small Dom0 has not.
        data = bytearray()
        for piece in iter(lambda: file.read(1 << 20), b""):
            data += piece
            if len(data) > BIGGEST:
                raise ValueError("%s: more than %d bytes" % (name, BIGGEST))
    return bytes(data)


def of_file(name):
    data = read(name)
    title = "standard input" if name == "-" else os.path.basename(name)
    if data.startswith(b"xenstore"):
        return dict(of_state(data), title=title)
    try:
        packets = trace.of_dump(data) if data.startswith(trace.MAGIC) else trace.of_log(data)
    except (ValueError, ArithmeticError, struct.error) as wrong:
        raise ValueError("%s: its packets cannot be read: %s" % (name, wrong))
    if not packets:
        raise ValueError("%s: neither a state of a xenstore nor a trace, nor a log with packets in it" % name)
    return dict(of_packets(packets), title=title)


def of_state(data):
    _, _, records, _ = state.records(data)
    if not records or records[-1].kind != 0:
        raise ValueError("the state has no end")
    found = State()
    for record in records:
        parser = state.PARSERS.get(record.kind)
        try:
            # The JSON of xenstore-ts has nothing that the page shows.
            if parser and record.kind != state.OWN:
                found.take(record, parser(record))
        except state.Bad as wrong:
            raise ValueError("at %d: %s: %s" % (record.at, record.name, wrong))
    return {"kind": "state", "nodes": found.nodes, "domains": found.list(), "connections": found.connections}


class State:
    def __init__(self):
        self.nodes, self.connections = [], []
        self.links, self.limits, self.domains, self.names = {}, {}, {}, {}

    def domain(self, domid):
        return self.domains.setdefault(domid, {"nodes": 0, "watches": 0, "transactions": 0, "limits": {}})

    def take(self, record, found):
        if record.kind == 2:
            domid = found.get("domid", 0)
            self.links[found["id"]] = (domid, found)
            self.domain(domid)
            self.connections.append({"number": found["id"], "kind": str(found["kind"]), "domain": domid, "watches": 0,
                                     "transactions": 0})
            found["row"] = self.connections[-1]
        elif record.kind in (3, 8, 4) and found["id"] in self.links:
            domid, link = self.links[found["id"]]
            what = "transactions" if record.kind == 4 else "watches"
            link["row"][what] += 1
            self.domain(domid)[what] += 1
        elif record.kind == 5 and found["id"] == 0:
            self.node(found)
        elif record.kind == 6:
            self.limits = found["quotas"]
        elif record.kind == 7:
            self.domain(found["domid"])["limits"] = found["quotas"]

    def node(self, found):
        path, value = found["path"], found["value"]
        perms = ",".join("%s%d" % (letter, domid) for letter, domid, _ in found["perms"])
        if path.startswith("/"):
            self.nodes.append([path, value.decode("latin-1"), len(value), perms])
        if found["perms"]:
            self.domain(found["perms"][0][1])["nodes"] += 1
        words = path.split("/")
        if len(words) == 5 and words[1:3] == ["local", "domain"] and words[4] == "name":
            self.names[words[3]] = value.decode("latin-1")

    def list(self):
        rows = []
        for domid, of in sorted(self.domains.items()):
            limits = dict(self.limits, **of["limits"]) if domid else {}
            quotas = {name: [of.get(name), None, limits.get(name, 0)] for name in QUOTAS
                      if name in of or limits.get(name)}
            rows.append({"domid": domid, "name": self.names.get(str(domid), ""), "quotas": quotas})
        return rows


def of_packets(packets):
    derived = Derived()
    # All of the file, not only the last ones of a running store.
    derived.packets = []
    times = [packet.seconds for packet in packets]
    if not all(abs(time) < LATEST for time in times):
        raise ValueError("the trace has times that are none")
    # Not those of the first and the last packet: a broken file can have any order.
    first, last = min(times), max(times)
    step = max((last - first) / POINTS, 0.01)
    points = {}
    for packet in packets:
        wait = derived.take(packet)
        point = points.setdefault(int((packet.seconds - first) / step), [0, 0, []])
        point[0] += not packet.out
        point[1] += packet.out == 1 and packet.header[0] == 15
        if wait is not None:
            point[2].append(wait)
    samples = []
    for n in range(max(points) + 1):
        asked, events, waits = points.get(n, (0, 0, []))
        samples.append([first + n * step, asked / step, events / step, *(of_waits(waits) or (None,) * 3), None, None,
                        None])
    return {"kind": "trace", "packets": derived.packets, "samples": samples, "fires": derived.fired(),
            "failed": list(derived.failed.items()), "seen": derived.seen,
            "slowest": derived.slowest_lines()}
