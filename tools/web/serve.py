"""Serves the page and its data: GET alone, on the loopback unless told otherwise."""
import gzip
import http.server
import ipaddress
import json
import socket
import threading
import urllib.parse

from .page import live_page

# Browsers that are answered at a time. The next ones are told to come later, so that stalled ones bound what is held.
AT_A_TIME = 32
# Seconds that a browser has for a request, and to take an answer.
PATIENCE = 10
# Packets in one answer.
PACKETS = 1_000


def packed(data):
    return gzip.compress(json.dumps(data, separators=(",", ":")).encode(), 1)


class Answers:
    """Answers as bytes. Those that many browsers get are made once."""

    def __init__(self, live):
        self.live = live
        self.lock = threading.Lock()
        self.cache = {}

    def _once(self, name, key, make):
        with self.lock:
            kept = self.cache.get(name)
            if kept is None or kept[0] != key:
                kept = self.cache[name] = (key, packed(make()))
            return kept[1]

    def tree(self, since):
        live = self.live
        state = live.state()
        changes = live.tree.since(since) if since >= 0 and state["whole"] else None
        if changes is not None:
            return packed(dict(state, seq=changes[-1][0] if changes else since, changes=changes))
        if not state["whole"]:
            return packed(state)

        def all_nodes():
            seq, nodes = live.tree.all()
            return dict(live.state(), seq=seq, nodes=nodes)

        return self._once("tree", live.tree.seq, all_nodes)

    def figures(self, since):
        live = self.live
        with live.lock:
            number, told = live.round, live.told
        if since == number:
            return packed(dict(live.state(), round=number))
        return self._once("figures", (number, live.error), lambda: dict(live.state(), round=number, **told))

    def packets(self, since):
        live = self.live
        with live.lock:
            found = [packet for packet in live.derived.packets if packet[0] > since][-PACKETS:]
        return packed(dict(live.state(), packets=found))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # A new start must not wait for connections of the last.
    allow_reuse_address = True

    def __init__(self, address, port, answers):
        ip = ipaddress.ip_address(address)
        self.address_family = socket.AF_INET6 if ip.version == 6 else socket.AF_INET
        self.loopback = ip.is_loopback
        self.answers = answers
        self.page, self.policy = live_page()
        self.places = threading.BoundedSemaphore(AT_A_TIME)
        super().__init__((address, port), Handler)

    def process_request(self, request, client_address):
        if not self.places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.release()

    def handle_error(self, request, client_address):
        """A browser that goes away in the middle is nothing to tell of."""


def is_local(host):
    """Whether a Host header names the loopback: a page elsewhere whose name was bound to it (DNS rebinding) does not."""
    name = urllib.parse.urlsplit("//" + host).hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class Handler(http.server.BaseHTTPRequestHandler):
    server_version, sys_version = "xenstore-web", ""
    timeout = PATIENCE

    def log_message(self, *_):
        """Nothing: who looks at the page is no news."""

    def do_GET(self):
        if self.server.loopback:
            try:
                local = is_local(self.headers.get("Host", ""))
            except ValueError:
                local = False
            if not local:
                self.answer(403, b"this server answers to the loopback's names alone\n")
                return
        path, _, query = self.path.partition("?")
        since = urllib.parse.parse_qs(query).get("since", ["-1"])[0]
        if not (since.isdigit() and len(since) < 16 or since == "-1"):
            self.answer(400, b"since= is a number\n")
        elif path == "/":
            self.answer(200, self.server.page, "text/html; charset=utf-8", packed=True)
        elif path in ("/tree", "/figures", "/packets"):
            body = getattr(self.server.answers, path[1:])(int(since))
            self.answer(200, body, "application/json", packed=True)
        else:
            self.answer(404, b"there is no such page\n")

    def refuse(self):
        self.close_connection = True
        self.answer(405, b"this server is read only: GET\n")

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_CONNECT = refuse

    def answer(self, status, body, kind="text/plain; charset=utf-8", packed=False):
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
            ("Content-Security-Policy", self.server.policy), ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("X-Frame-Options", "DENY"), ("Connection", "close"),
        ):
            self.send_header(name, value)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        if status == 405:
            self.send_header("Allow", "GET")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
