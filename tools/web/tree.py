"""The tree as the page has it, what changed of it, and the reader that keeps it."""
import collections
import errno
import threading
import time

from .link import DIRECTORY, GET_PERMS, READ, WATCH, names_of

# Made by the store when they are read, and without watch events: they are figures (figures.py), not the tree.
STATUS = "/tool/xenstored"
STATUS_NAMES = frozenset(
    "version uptime program-uptime connection domain memory traffic collector slow share refusals outage recoveries".split())
TOKEN = b"xenstore-web"
# Bounds of what is kept.
NODES, CHANGES, VALUE, WAITING = 200_000, 5_000, 1024, 20_000
# Paths that are read again in one turn: bounds what a busy store is asked for.
SLICE = 200


def child(path, name):
    return path + name if path == "/" else path + "/" + name


def parent(path):
    return path[: path.rindex("/")] or "/"


def perms_text(payload):
    return payload.rstrip(b"\0").decode("latin-1").replace("\0", ",")


class Tree:
    """Nodes by path as (value, its length, permissions), and a bounded list of changes with numbers."""

    def __init__(self):
        self.lock = threading.Lock()
        self.nodes, self.kids = {}, {}
        self.changes = collections.deque(maxlen=CHANGES)
        self.seq = 0
        # Whether the first walk is over. Before that nothing counts as a change.
        self.whole = False
        self.left_out = False

    def note(self, what, path, node=None):
        self.seq += 1
        if self.whole:
            self.changes.append((self.seq, time.time(), what, path) + (node or ()))

    def put(self, path, node, names):
        """What was read of a node. Returns the children that are not known yet."""
        with self.lock:
            before = self.nodes.get(path)
            if before is None and (len(self.nodes) >= NODES or path != "/" and parent(path) not in self.nodes):
                self.left_out = self.left_out or len(self.nodes) >= NODES
                return []
            self.nodes[path] = node
            kids = self.kids.setdefault(path, {})
            if before is None:
                if path != "/":
                    self.kids[parent(path)][path.rsplit("/", 1)[1]] = True
                self.note("new", path, node)
            elif before[:2] != node[:2]:
                self.note("value", path, node)
            elif before[2] != node[2]:
                self.note("permissions", path, node)
            now = set(names)
            for name in [name for name in kids if name not in now]:
                self._drop(child(path, name))
            return [child(path, name) for name in names if child(path, name) not in self.nodes]

    def written(self, path):
        """A watch event told of a node that reads as before."""
        with self.lock:
            if path in self.nodes:
                self.note("written", path)

    def remove(self, path):
        with self.lock:
            if path in self.nodes and path != "/":
                self._drop(path)

    def _drop(self, path):
        self.kids[parent(path)].pop(path.rsplit("/", 1)[1], None)
        below = [path]
        while below:
            at = below.pop()
            self.nodes.pop(at, None)
            below += [child(at, name) for name in self.kids.pop(at, ())]
        self.note("removed", path)

    def since(self, seq):
        """The changes behind a number; None: they are not all kept, or it is another program's number."""
        with self.lock:
            if seq > self.seq or seq < self.seq and (not self.changes or self.changes[0][0] > seq + 1):
                return None
            found = []
            for change in reversed(self.changes):
                if change[0] <= seq:
                    break
                found.append(change)
            return found[::-1]

    def all(self):
        with self.lock:
            return self.seq, [(path,) + node for path, node in self.nodes.items()]


class Reader:
    """Walks the tree once, and reads again what watch events name."""

    def __init__(self, tree):
        self.tree = tree
        # Paths to be read, each with whether an event named it. Insertion order: parents come before children.
        self.waiting = {}
        self.again = False
        self.link = None
        # The first event of a watch comes without a change.
        self.first = True

    def begin(self, link):
        self.link, self.first = link, True
        reply = link.one(WATCH, b"/\0" + TOKEN + b"\0")
        if isinstance(reply, OSError):
            raise reply
        self.walk_again()

    def walk_again(self):
        self.again = False
        self.waiting = dict.fromkeys(["/"] + list(self.tree.nodes), False)

    def on_event(self, payload):
        path = payload.split(b"\0", 1)[0].decode("latin-1")
        if self.first:
            self.first = False
        elif path == "/" or len(self.waiting) >= WAITING and path not in self.waiting:
            # An event of the watch's own path stands for events that the store dropped as well.
            self.again = True
        elif path.startswith("/"):
            self.waiting[self.topmost(path)] = True

    def topmost(self, path):
        """The path, or the one above it whose parent is the first that is known: reading that finds the others."""
        while path != "/" and parent(path) not in self.tree.nodes:
            path = parent(path)
        return path

    def turn(self):
        """Reads a slice. Returns whether more is waiting."""
        paths = list(self.waiting)[:SLICE]
        told = [self.waiting.pop(path) for path in paths]
        requests = []
        for path in paths:
            payload = path.encode("latin-1") + b"\0"
            requests += [(READ, payload), (GET_PERMS, payload), (DIRECTORY, payload)]
        replies = self.link.many(requests)
        for n, path in enumerate(paths):
            self.take(path, told[n], *replies[3 * n : 3 * n + 3])
        if not self.waiting:
            self.tree.whole = True
            if self.again:
                self.walk_again()
        return bool(self.waiting)

    def take(self, path, told, value, perms, listing):
        if isinstance(value, OSError) or isinstance(perms, OSError):
            if errno.ENOENT in (getattr(value, "errno", 0), getattr(perms, "errno", 0)):
                self.tree.remove(path)
            return
        names = names_of(self.link, path, listing)
        if names is None:
            return
        # oxenstored lists what special watches are on.
        names = [name for name in names if not name.startswith("@")]
        if path == STATUS:
            names = [name for name in names if name not in STATUS_NAMES]
        seq = self.tree.seq
        node = (value[:VALUE].decode("latin-1"), len(value), perms_text(perms))
        for found in self.tree.put(path, node, names):
            self.waiting.setdefault(found, False)
        if told and self.tree.seq == seq:
            self.tree.written(path)
