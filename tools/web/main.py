"""A page of the store, read only: its tree as it changes, domains and quotas, load, watch events, packets.

  xenstore-web [-s PATH] [-l ADDRESS] [-p PORT]   serves it, on the loopback unless -l says otherwise
  xenstore-web FILE > page.html                   one HTML file, from a state (xenstore-state fetch), a trace
                                                  (xenstore-trace fetch), or a log with packets; - is standard input

PATH is the store's socket or /dev/xen/xenbus. There is no password: whoever can connect sees all of the store.
"""
import argparse
import ipaddress
import struct
import sys

import xenstore_state

from .files import of_file
from .live import Live
from .page import file_page
from .serve import Answers, Server

PORT = 8480
VERSION = "@VERSION@"  # build/web.mjs fills it in, of package.json


def address(text):
    """An argument: an IP address."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError("%s is not an IP address" % text)


def port(text):
    """An argument: a port; 0 is any that is free."""
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("%s is not a port" % text)
    return int(text)


def write_page(name):
    if sys.stdout.isatty():
        raise ValueError("standard output is a terminal: xenstore-web FILE > page.html")
    page = file_page(of_file(name))
    sys.stdout.buffer.write(page)
    sys.stdout.buffer.flush()


def serve(args):
    # A store that is not there at the start is a mistake; one that goes away later comes back.
    store = xenstore_state.Store(args.s)
    getattr(store, "socket", None) and store.socket.close()
    live = Live(store.path)
    try:
        server = Server(args.l, args.p, Answers(live))
    except OSError as error:
        raise OSError(error.errno, "%s (port %d of %s)" % (error.strerror, args.p, args.l))
    live.start_thread()
    name = "[%s]" % args.l if ":" in args.l else args.l
    print("http://%s:%d/" % (name, server.server_address[1]), flush=True)
    if not server.loopback:
        print("xenstore-web: whoever reaches this address sees all of the store", file=sys.stderr, flush=True)
    server.serve_forever()


def main():
    parser = argparse.ArgumentParser(prog="xenstore-web", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version="xenstore-ts " + VERSION)
    parser.add_argument("-s", metavar="PATH", help="the store's socket")
    parser.add_argument("-l", metavar="ADDRESS", type=address, default="127.0.0.1", help="where to listen: 127.0.0.1")
    parser.add_argument("-p", metavar="PORT", type=port, default=PORT, help="%d; 0: any that is free" % PORT)
    parser.add_argument("file", nargs="?")
    args = parser.parse_args()
    try:
        if args.file is not None:
            write_page(args.file)
        else:
            serve(args)
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:
        sys.exit(1)
    except (xenstore_state.Bad, OSError, ValueError, struct.error) as error:
        sys.exit("xenstore-web: %s" % xenstore_state.why_of(error))
