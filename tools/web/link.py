"""A connection to the store with several requests at a time, and with watch events."""
import errno
import os
import select
import struct
import time

from xenstore_state import Store

CONTROL, DIRECTORY, READ, GET_PERMS, WATCH, DIRECTORY_PART = 0, 1, 2, 3, 4, 22
# Only types that change no node go out. WATCH changes nothing but this connection.
ALLOWED = (CONTROL, DIRECTORY, READ, GET_PERMS, WATCH, DIRECTORY_PART)
WATCH_EVENT, ERROR = 15, 16
# Requests that wait for a reply at a time: their bytes fit into what a socket holds, whoever reads first.
DEPTH = 24
# The protocol has 4,096 bytes at most, but oxenstored sends a listing of any length to a socket.
LONGEST = 1 << 22


class Link(Store):
    def __init__(self, path, on_event):
        super().__init__(path)
        self.on_event = on_event
        self.rest = b""
        self.replies = {}
        self.events = 0
        # Since when a reply is awaited; None: nothing is asked.
        self.asked = None

    def close(self):
        if hasattr(self, "socket"):
            self.socket.close()
        else:
            os.close(self.fd)

    def listen(self, seconds):
        """Takes what comes within the time, at least once."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return
        data = os.read(self.fd, 1 << 16)
        if not data:
            raise OSError(errno.EPIPE, "the store has closed the connection")
        data = self.rest + data
        at = 0
        while at + 16 <= len(data):
            kind, number, _, length = struct.unpack_from("=IIII", data, at)
            if length > LONGEST:
                raise OSError(errno.EPROTO, "the store sends a message of %d bytes" % length)
            if at + 16 + length > len(data):
                break
            payload = data[at + 16 : at + 16 + length]
            at += 16 + length
            if kind == WATCH_EVENT:
                self.events += 1
                self.on_event(payload)
            else:
                self.replies[number] = (kind, payload)
        self.rest = data[at:]

    def _send(self, kind, payload):
        if kind not in ALLOWED or kind == CONTROL and not payload.startswith(b"trace-dump\0-o\0"):
            raise ValueError("type %d is not for a program that only reads" % kind)
        self.number += 1
        message = struct.pack("=IIII", kind, self.number, 0, len(payload)) + payload
        while message:
            message = message[os.write(self.fd, message) :]
        return self.number

    def many(self, requests):
        """The replies of (type, payload), in their order: bytes, or an OSError for an error reply."""
        numbers, found, sent = [], [], 0
        while len(found) < len(requests):
            while sent < len(requests) and sent - len(found) < DEPTH:
                numbers.append(self._send(*requests[sent]))
                sent += 1
            self.asked = self.asked or time.monotonic()
            while len(found) < sent and numbers[len(found)] in self.replies:
                kind, payload = self.replies.pop(numbers[len(found)])
                self.asked = None
                found.append(wrong(payload) if kind == ERROR else payload)
            if len(found) < sent and (sent == len(requests) or sent - len(found) >= DEPTH):
                self.listen(1)
        return found

    def one(self, kind, payload):
        (reply,) = self.many([(kind, payload)])
        return reply

    def texts(self, paths):
        """Values of nodes; None where there is none."""
        replies = self.many([(READ, path.encode("latin-1") + b"\0") for path in paths])
        return [None if isinstance(reply, OSError) else reply.decode("latin-1") for reply in replies]

    def names(self, path):
        """Names of a node's children; None: there is no such node."""
        reply = self.one(DIRECTORY, path.encode("latin-1") + b"\0")
        return names_of(self, path, reply)


def wrong(payload):
    name = payload.rstrip(b"\0").decode("latin-1")
    return OSError(getattr(errno, name, errno.EIO), name)


def names_of(link, path, reply):
    """Names in the reply of a DIRECTORY; a list that is too long for one reply is read in parts."""
    if not isinstance(reply, OSError):
        return reply.decode("latin-1").split("\0")[:-1]
    if reply.errno != errno.E2BIG:
        return None
    # A directory that changes meanwhile is begun again, but not for ever.
    for _ in range(8):
        names, generation, at = b"", None, 0
        while True:
            part = link.one(DIRECTORY_PART, path.encode("latin-1") + b"\0%d\0" % at)
            if isinstance(part, OSError):
                return None
            now, _, part = part.partition(b"\0")
            if generation not in (None, now):
                break
            generation = now
            if part.endswith(b"\0\0") or part == b"\0":
                return (names + part[:-1]).decode("latin-1").split("\0")[:-1]
            names += part
            at += len(part)
    return names.decode("latin-1").split("\0")[:-1]
