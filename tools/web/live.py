"""The one thread that speaks to the store, and what it gives to those that serve the page."""
import os
import threading
import time
import traceback

from .figures import COUNTERS, QUOTAS, Figures, number
from .link import Link
from .packets import Derived, Trace, of_waits
from .tree import Reader, Tree

# Seconds between two rounds of figures, and the share of time that a round may take of all.
EVERY, SHARE = 2.0, 0.2
# Seconds between two slices of what watch events named.
PAUSE = 0.1
# Of what has gathered meanwhile.
READS = 64
# Seconds without an answer that the page tells of.
SILENT = 3
# Own requests between two looks at the packet trace: each makes two of its packets, of which it has some thousands.
OWN_BETWEEN = 400


class Live:
    def __init__(self, path):
        self.path = path
        self.tree = Tree()
        self.reader = Reader(self.tree)
        self.figures = Figures()
        self.derived = Derived()
        self.trace = None
        self.link = None
        # Waiting times since the last sample, and how many requests had been made when packets were fetched.
        self.waits, self.fetched = [], 0
        # When the last slice was read.
        self.turned = 0.0
        self.lock = threading.Lock()
        # Why there is no store; "": there is one.
        self.error = "the store has not been asked yet"
        self.round = 0
        self.told = {}
        # Another one after a restart of this program: then a browser's numbers mean nothing.
        self.start = os.urandom(8).hex()

    def start_thread(self):
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        """Never returns. A bug ends the program: without this thread the page would show old things as if they were new."""
        try:
            self.serve()
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def serve(self):
        wait = 0.5
        while True:
            try:
                self.connect()
                wait = 0.5
                while True:
                    self.work()
            except (OSError, ValueError) as error:
                self.error = error.strerror or str(error) if isinstance(error, OSError) else str(error)
                if self.link is not None:
                    self.link.close()
                self.link = None
            time.sleep(wait)
            wait = min(wait * 2, 5)

    def connect(self):
        self.link = Link(self.path, self.reader.on_event)
        self.figures.begin(self.link)
        self.fetched = 0
        # The packets come first, before the walk fills the packet trace with its own.
        self.trace = Trace(self.link)
        if self.trace.begin():
            self.packets()
        else:
            self.trace = None
        self.reader.begin(self.link)
        self.error = ""

    def work(self):
        """One round: figures, packets, and the tree between them and until the next round is due."""
        begun = time.monotonic()
        for _ in self.figures.cycle():
            self.turn()
        self.packets()
        self.figures.sample(of_waits(self.waits), len(self.tree.nodes))
        self.waits = []
        self.tell()
        now = time.monotonic()
        due = now + max(EVERY - (now - begun), (now - begun) * (1 / SHARE - 1))
        while time.monotonic() < due:
            if self.turn() and not self.tree.whole:
                # The walk goes on, and leaves the store time for others.
                self.link.listen(0.005)
            else:
                self.rest(min(PAUSE, max(0, due - time.monotonic())))

    def rest(self, seconds):
        """Lets events gather, and takes them: one that comes again meanwhile costs nothing more."""
        time.sleep(seconds)
        for _ in range(READS):
            before = self.link.events
            self.link.listen(0)
            if self.link.events == before:
                return

    def turn(self):
        """Reads a slice of the tree, where one is due. Packets are fetched before this program's own ones push them out."""
        # After the walk it is clients that say how much is to be read: slices have a rate.
        if self.tree.whole and time.monotonic() - self.turned < PAUSE:
            return False
        self.turned = time.monotonic()
        more = self.reader.turn()
        if self.link.number - self.fetched > OWN_BETWEEN:
            self.packets()
        return more

    def packets(self):
        if self.trace is None:
            return
        for packets in self.trace.fetch():
            with self.lock:
                found = [self.derived.take(packet) for packet in packets]
            self.waits += [wait for wait in found if wait is not None]
        self.fetched = self.link.number

    def tell(self):
        """Puts together what the page gets, once for all browsers."""
        figures = self.figures
        told = {
            "store": figures.store,
            "samples": list(figures.samples),
            "domains": [self.domain(n, values) for n, values in sorted(figures.domains.found.items())],
            "connections": [self.connection(n, values) for n, values in sorted(figures.connections.found.items())],
            "slow": figures.slow,
            "slowest": self.derived.slowest_lines(),
            "fires": self.derived.fired(),
            "failed": list(self.derived.failed.items()),
            "traced": self.trace is not None,
            "seen": self.derived.seen,
        }
        with self.lock:
            self.round += 1
            self.told = told

    def domain(self, n, values):
        quotas = {}
        for name in QUOTAS:
            words = (values.get(name) or "").split()
            if len(words) == 3:
                quotas[name] = [None if words[0] == "-" else int(words[0]), int(words[1]), int(words[2])]
        link = values.get("connection") or ""
        of = self.figures.connections.found.get(int(link)) if link.isdigit() else None
        of = of or {}
        node = self.tree.nodes.get("/local/domain/%d/name" % n)
        return {
            "domid": n,
            "name": node[0] if node else "",
            "quotas": quotas,
            "refusals": values.get("refusals") or "0",
            "target": values.get("target") or "",
            "rates": [of.get(name + "/s") for name in COUNTERS],
        }

    @staticmethod
    def connection(n, values):
        process = values.get("process") or ""
        try:
            with open("/proc/%d/comm" % int(process), "rb") as comm:
                process += " " + comm.read().strip().decode("latin-1")
        except (OSError, ValueError):
            pass
        counted = ("domain requests events idle-ms queue dropped outstanding transactions watches conflicts-suffered"
                   " conflicts-caused").split()
        found = {name: number(values.get(name)) for name in counted}
        found.update({name: values.get(name) or "" for name in ("kind", "state", "last-request", "hindered-by")})
        found.update(number=n, process=process, rates=[values.get(name + "/s") for name in COUNTERS],
                     own=process.split(" ")[0] == str(os.getpid()))
        return found

    def state(self):
        """What each answer begins with: whether the store is there."""
        link = self.link
        asked = link.asked if link is not None else None
        silent = time.monotonic() - asked if asked is not None else 0
        error = self.error or ("it has not answered for %d seconds" % silent if silent > SILENT else "")
        return {"error": error, "whole": self.tree.whole, "read": len(self.tree.nodes), "leftOut": self.tree.left_out,
                "start": self.start}
