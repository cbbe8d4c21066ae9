"""The page as one file: with the data of a state or of a trace in it, or for the server."""
import gzip
import json
import pkgutil

MARK = b"<!--DATA-->"
POLICY = b"<!--POLICY-->"


def parts():
    """The page, and the hashes of its script and style, which are all that may run in it."""
    page = pkgutil.get_data(__package__, "page.html")
    policy = pkgutil.get_data(__package__, "policy.txt").decode("ascii").strip()
    return page, policy


def live_page():
    page, policy = parts()
    page = page.replace(MARK, b"").replace(POLICY, b"")
    return gzip.compress(page, 9), policy + "; connect-src 'self'; frame-ancestors 'none'"


def embedded(data):
    """JSON that ends no script element, whatever is in it: neither < nor any character but ASCII's comes out."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, "\\u%04x" % ord(character))
    return text.encode("ascii")


def file_page(data):
    page, policy = parts()
    meta = '<meta http-equiv="Content-Security-Policy" content="%s">' % policy
    script = b'<script type="application/json" id="data">' + embedded(data) + b"</script>"
    return page.replace(POLICY, meta.encode("ascii"), 1).replace(MARK, script, 1)
