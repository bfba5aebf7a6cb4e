"""Every class that http can end in: what a server really does, and what picket says of it.

One round over all of them; with -s the table is printed.
"""

import contextlib
import functools
import json
import os
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import typing
import urllib.parse

import pytest

import house
import rogue

TLS = ("--tls", "127.0.0.1:0", "--tls", "127.0.0.1:0=old", "--dns", "127.0.0.1:0")

# What the name of a server makes of its certificate, for any probe over TLS.
HANDSHAKES = [
    ("good.test", None),
    ("expired.test", "tls_expired"),
    ("notyet.test", "tls_expired"),
    ("misnamed.test", "tls_name_mismatch"),
    ("selfsigned.test", "tls_self_signed"),
    ("untrusted.test", "tls_untrusted"),
    ("stapled-revoked.test", "tls_revoked"),
    ("weak.test", "tls_weak"),
    ("clientcert.test", "tls_client_cert_required"),
    ("expired-misnamed.test", "tls_expired"),
    ("untrusted-misnamed.test", "tls_untrusted"),
    ("weak-misnamed.test", "tls_name_mismatch"),
    ("middle.test", None),
    ("middle-gap.test", "tls_untrusted"),
    ("sha1.test", "tls_weak"),
]

SCRIPT = """
127.0.0.9: reset at-accept
far.test: 407
/loop: location=/loop
dns *.test: 127.0.0.1
dns found.names: 127.0.0.1
dns empty.names: empty
dns servfail.names: servfail
dns refused.names: refused
dns formerr.names: formerr
dns silent.names: silent
dns garbage.names: garbage
dns loop.names: cname=loop.names
dns big.names: 127.0.0.1 truncated
dns alias.names: cname=found.names
dns six.names: ::1
dns each.names: 127.0.0.1 127.0.0.9
"""

OK = b"HTTP/1.1 200 OK\r\n"


class Case(typing.NamedTuple):
    """What the server does, what is asked of it, and what is to be said."""

    did: str
    http: typing.Callable  # of Places: the value of `http:`
    cls: str | None
    phase: str | None = None
    says: str = ""  # part of the reason
    expect: tuple = ()


class Places:
    """The world, and what breaks rules that the world keeps."""

    def __init__(self, folder):
        self.folder = folder
        self.tls = folder / "tls"
        self.tls.mkdir()
        self.world = house.World(
            folder, SCRIPT, *TLS, "--tls-folder", self.tls, "--http", "*:0"
        )
        self.port = self.world.port
        self.secure, self.old = self.world.ports["tls"]
        self.resolver = f"127.0.0.1:{self.world.ports['dns']}"
        self.trusted = {"ca": str(self.tls / "ca.pem")}
        self.rogues = contextlib.ExitStack()

    def rogue(self, behave):
        server = rogue.Rogue(behave)
        self.rogues.callback(server.stop)
        return server.port

    def names(self, answer):
        server = rogue.Names(answer)
        self.rogues.callback(server.stop)
        return f"127.0.0.1:{server.port}"

    def stop(self):
        self.rogues.close()
        self.world.stop()


# --- Ways to ask -----------------------------------------------------------------------


def path(where, **more):
    """A path of the world's."""
    return lambda places: {"url": places.world.url(where), **more}


def raw(behave, scheme="http", **more):
    """A rogue."""
    return lambda places: {"url": f"{scheme}://127.0.0.1:{places.rogue(behave)}/", **more}


def named(name, **more):
    """A name of the world's name server."""
    return lambda places: {
        "url": places.world.url("/", name),
        "resolver": places.resolver,
        **more,
    }


def asked_of(answer):
    """A name server that is a rogue."""
    return lambda places: {
        "url": places.world.url("/", "found.names"),
        "resolver": places.names(answer),
    }


def secure(name, old=False, tls=None):
    """The certificate that the name stands for; `tls` names files of the world's folder."""

    def http(places):
        port = places.old if old else places.secure
        options = {
            key: str(places.tls / value) if key in ("ca", "crl", "cert", "key") else value
            for key, value in (tls or {}).items()
        }
        return {
            "url": f"https://{name}:{port}/",
            "connect_to": f"127.0.0.1:{port}",
            "tls": {**places.trusted, **options},
        }

    return http


def closed(kind):
    return lambda places: f"http://127.0.0.1:{places.world.ports[kind]}/"


# --- What is done ----------------------------------------------------------------------


def wrong_then_right(query):
    """Somebody guesses; the answer comes behind."""
    right = rogue.reply_to(query, rogue.addresses(query, "127.0.0.1"))
    wrong = rogue.reply_to(query, rogue.addresses(query, "127.0.0.3"))
    return [bytes([wrong[0] ^ 1]) + wrong[1:], right]


def wrong_question(query):
    """An answer to what was not asked, and then the right one."""
    other = b"\x05other\x05names\x00" + rogue.question_of(query)[0][-4:]
    return [
        rogue.reply_to(query, rogue.addresses(query, "127.0.0.3"), name=other),
        rogue.reply_to(query, rogue.addresses(query, "127.0.0.1")),
    ]


def truncated(query):
    return [rogue.reply_to(query, flags=0x8380)]


def sixty_addresses(query):
    return [rogue.reply_to(query, rogue.addresses(query, *["127.0.0.1"] * 60))]


def fifty_aliases(query):
    """Each name stands for the next one; the address is the last one's."""
    _, kind = rogue.question_of(query)
    names = [b"\xc0\x0c"] + [b"\x03a%02d\x05names\x00" % i for i in range(50)]
    records = b"".join(
        owner + struct.pack(">HHIH", 5, 1, 60, len(target)) + target
        for owner, target in zip(names, names[1:])
    )
    records += names[-1] + struct.pack(">HHIH", kind, 1, 60, 4) + b"\x7f\0\0\1"
    head = rogue.reply_to(query)
    return [head[:6] + struct.pack(">H", len(names)) + head[8:] + records]


def pointer_loop(query):
    """A name that points at itself (RFC 1035, 4.1.4)."""
    at = len(rogue.reply_to(query))
    name = struct.pack(">H", 0xC000 | at)
    record = name + struct.pack(">HHIH", 1, 1, 60, 4) + b"\x7f\0\0\1"
    reply = rogue.reply_to(query) + record
    return [reply[:6] + struct.pack(">H", 1) + reply[8:]]


def many_certificates(connection, folder):
    """A thousand, which is more than OpenSSL wants to read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "client.key")
    with context.wrap_socket(connection, server_side=True) as wrapped:
        rogue.wait_end(wrapped)


# The second group of RFC 2409, which has 1024 bits.
SMALL_GROUP = """\
-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
"""


def old_fashioned(connection, folder, ciphers):
    """TLS 1.2 with these, whoever thinks that they are too weak."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers + ":@SECLEVEL=0")
    context.load_cert_chain(folder / "rsa.pem")
    context.load_dh_params(folder / "group.pem")
    with context.wrap_socket(connection, server_side=True) as wrapped:
        rogue.wait_end(wrapped)


def write_rsa(folder):
    if not (folder / "rsa.pem").exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a",
                        "-keyout", "rsa.pem", "-out", "rsa.crt"], cwd=folder, check=True,
                       capture_output=True)
        with (folder / "rsa.pem").open("a") as both:
            both.write((folder / "rsa.crt").read_text())
        (folder / "group.pem").write_text(SMALL_GROUP)


def offers(ciphers):
    def http(places):
        write_rsa(places.tls)
        port = places.rogue(functools.partial(old_fashioned, folder=places.tls, ciphers=ciphers))
        return {"url": f"https://127.0.0.1:{port}/", "tls": {"verify": False}}

    return http


def long_chain(places):
    chain = (places.tls / "client.pem").read_text()
    (places.tls / "chain.pem").write_text(chain + 1000 * (places.tls / "ca.pem").read_text())
    port = places.rogue(functools.partial(many_certificates, folder=places.tls))
    return {"url": f"https://127.0.0.1:{port}/", "tls": places.trusted}


def proxied(places):
    return {"url": "http://far.test/", "proxy": f"http://127.0.0.1:{places.port}"}


def proxy_gone(places):
    return {"url": "http://far.test/", "proxy": f"http://127.0.0.1:{places.world.ports['refused']}"}


def proxy_no_tunnel(places):
    """CONNECT is answered with a status that is none of the server's."""
    port = places.rogue(rogue.says(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"))
    return {"url": "https://far.test/", "proxy": f"http://127.0.0.1:{port}"}


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
STACKED = b"Content-Encoding: " + b", ".join([b"gzip"] * 20) + b"\r\n"
RST_STREAM = rogue.frame(3, struct.pack(">I", 2), stream=1)
CONTINUATION = rogue.frame(9, b"\x00\x01a\x01b" * 100, stream=1)
GOAWAY = rogue.frame(7, struct.pack(">II", 0, 2))
ALERT = b"\x15\x03\x03\x00\x02\x02\x50"

RESOLVING = [
    Case("answers with an address", named("found.names"), None),
    Case("answers with an alias", named("alias.names"), None),
    Case("says that the name does not exist", named("unknown.names"), "dns_nxdomain", "resolve",
         "the name unknown.names does not exist"),
    Case("knows the name, and no address of it", named("empty.names"), "dns_no_address", "resolve",
         "has no address"),
    Case("has only IPv6 where IPv4 is wanted", named("six.names", ip="4"), "dns_no_address",
         "resolve", "no IPv4 address"),
    Case("answers SERVFAIL", named("servfail.names"), "dns_failure", "resolve",
         "looking up servfail.names: SERVFAIL from 127.0.0.1"),
    Case("answers REFUSED", named("refused.names"), "dns_failure", "resolve", "REFUSED"),
    Case("answers FORMERR", named("formerr.names"), "dns_failure", "resolve", "FORMERR"),
    Case("answers something else than was asked", named("garbage.names"), "dns_timeout", "resolve",
         "looking up garbage.names: no answer from 127.0.0.1"),
    Case("answers with an alias of itself", named("loop.names"), "dns_failure", "resolve"),
    Case("answers with 50 aliases in a row", asked_of(fifty_aliases), "dns_failure", "resolve",
         "aliases"),
    Case("answers with a name that points at itself", asked_of(pointer_loop), "dns_failure",
         "resolve"),
    Case("does not answer", named("silent.names"), "dns_timeout", "resolve",
         "looking up silent.names: no answer from 127.0.0.1"),
    Case("truncates, and is whole over TCP", named("big.names"), None),
    Case("truncates, and refuses TCP", asked_of(truncated), "dns_failure", "resolve"),
    Case("is outrun by an answer with another number", asked_of(wrong_then_right), None),
    Case("is outrun by an answer to another question", asked_of(wrong_question), None),
    Case("answers with 60 addresses", asked_of(sixty_addresses), None),
]

CONNECTING = [
    Case("nobody listens", closed("refused"), "connect_refused", "connect", "refuses connections"),
    Case("a firewall swallows what is sent", closed("swallowed"), "timeout", "connect",
         "no connection to"),
    # While connecting or just after it, as the two ends happen to run.
    Case("resets as it accepts", lambda p: p.world.url("/", "127.0.0.9"), "reset", None, "reset"),
    Case("one of two addresses resets", named("each.names", ip="each"), "reset", None,
         "127.0.0.9"),
]

TALKING = [
    Case("answers", path("/status/200"), None),
    Case("never answers", path("/silent"), "timeout", "first_byte", "no first byte from"),
    Case("sends its headers byte by byte", path("/slow-head/1000"), "timeout", "transfer",
         "only a part of the headers"),
    Case("sends its body byte by byte", path("/slow/1000/size/1KB"), "timeout", "transfer",
         "of 1000 bytes of the body"),
    Case("resets instead of answering", path("/reset"), "reset", "first_byte",
         "instead of answering"),
    Case("resets in the middle of the body",
         raw(rogue.says_and_resets(OK + b"Content-Length: 100\r\n\r\nhalf")), "reset", "transfer",
         "in the middle of its answer"),
    Case("closes instead of answering", path("/close"), "empty_reply", "first_byte",
         "closed the connection"),
    Case("closes its half and goes on reading", raw(rogue.shuts_half), "empty_reply",
         "first_byte"),
    Case("closes in the middle of the body", path("/half/size/100KB"), "partial_body", "transfer",
         "of 100000 bytes"),
    Case("answers in another protocol", path("/garbage"), "malformed_reply", "first_byte",
         "is not HTTP"),
    Case("answers as HTTP/0.9 did", raw(rogue.says(b"<html>hello</html>\n")), "malformed_reply",
         None, "is not HTTP"),
    Case("names a chunk of 2^64-1 bytes", raw(rogue.says(CHUNKED + b"FFFFFFFFFFFFFFFF\r\nx")),
         "malformed_reply", "transfer", "not framed"),
    Case("names a chunk of 2^68 bytes", raw(rogue.says(CHUNKED + b"100000000000000000\r\nx")),
         "malformed_reply", "transfer", "not framed"),
    Case("sends two lengths that differ",
         raw(rogue.says(OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!")),
         "malformed_reply", None, "two Content-Length headers"),
    Case("sends a negative length", raw(rogue.says(OK + b"Content-Length: -5\r\n\r\nhello")),
         "malformed_reply"),
    Case("sends a NUL in a header", raw(rogue.says(OK + b"X: a\0b\r\nContent-Length: 0\r\n\r\n")),
         "malformed_reply"),
    Case("sends more than the length says",
         raw(rogue.says(OK + b"Content-Length: 2\r\n\r\nok and more")), None, expect=("size == 2B",)),
    Case("sends a body with 204", raw(rogue.says(b"HTTP/1.1 204 No Content\r\n\r\nhello")), None),
    Case("answers with status 999", raw(rogue.says(b"HTTP/1.1 999 -\r\nContent-Length: 0\r\n\r\n")),
         None, expect=("status == 999",)),
    Case("answers with status 000", raw(rogue.says(b"HTTP/1.1 000 -\r\nContent-Length: 0\r\n\r\n")),
         "malformed_reply", "first_byte"),
    Case("answers before it has the request",
         raw(rogue.says_early(b"HTTP/1.1 413 -\r\nContent-Length: 0\r\n\r\n"), method="POST",
             body="x" * 60000), None, expect=("status == 413",)),
    Case("sends headers without end", path("/endless-headers"), "headers_too_large", "transfer",
         "more than 64KiB of headers"),
    Case("sends one header of 1 MB", path("/long-header/1MB"), "headers_too_large", "transfer"),
    Case("sends 103 Early Hints without end",
         raw(rogue.says_without_end(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50)),
         "headers_too_large", None, "headers"),
    Case("sends a body without end", path("/endless"), None),
    Case("sends a body without end, and its end is asked for", path("/endless"), "body_too_large",
         "transfer", "cut at its limit", ('body contains "the end"',)),
    Case("sends a bomb: 8 MB as 40 KB of gzip", path("/gzip/size/8MB", compressed=True), "body_too_large",
         "transfer", "cut at its limit", ('body contains "the end"',)),
    Case("sends broken gzip", path("/bad-gzip", compressed=True), "bad_encoding", "transfer",
         "cannot be decoded"),
    Case("sends good gzip", path("/gzip/size/10KB", compressed=True), None),
    Case("encodes 20 times over", raw(rogue.says(OK + STACKED + b"\r\nx"), compressed=True),
         "bad_encoding"),
    Case("redirects 9 times", path("/redirect/9"), "too_many_redirects", "transfer",
         "more than 5 redirects"),
    Case("redirects to itself", path("/loop"), "too_many_redirects", "transfer",
         "more than 5 redirects"),
    Case("redirects to a file", path("/location/file:%2F%2F%2Fetc%2Fpasswd"), "redirect_refused",
         "transfer", "another protocol: file:///etc/passwd"),
    Case("redirects to ftp", path("/location/ftp:%2F%2F127.0.0.1%2F"), "redirect_refused",
         "transfer", "another protocol"),
    Case("speaks HTTP/1.1 where 2 is wanted",
         raw(rogue.says_first(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
             http_version="2"), "http2_error"),
    Case("ends the stream of HTTP/2", raw(rogue.http2(RST_STREAM), http_version="2"),
         "http2_error", None, "HTTP/2"),
    Case("goes away in HTTP/2", raw(rogue.http2(GOAWAY), http_version="2"), "http2_error", None,
         "HTTP/2"),
    Case("sends SETTINGS of HTTP/2 without end",
         raw(rogue.http2(again=rogue.frame(4) * 100), http_version="2"), "http2_error"),
    Case("sends headers of HTTP/2 without end",
         raw(rogue.http2(rogue.frame(1, b"\x88", stream=1), again=CONTINUATION),
             http_version="2"), "http2_error"),
    Case("sends 1xx and nothing behind it", raw(rogue.says(b"HTTP/1.1 102 Processing\r\n\r\n")),
         "empty_reply"),
    Case("redirects to nowhere", path("/location/http:%2F%2F[/"), "malformed_reply", "transfer",
         "the redirect's target"),
    Case("is a proxy that wants a password", proxied, "proxy_failure", "transfer", "407"),
    Case("is a proxy that is not there", proxy_gone, "proxy_failure", "connect", "the proxy"),
    Case("is a proxy that cannot connect", proxy_no_tunnel, "proxy_failure", "connect", "502"),
]

SECURE = [
    Case("shows a good certificate", secure("good.test"), None),
    Case("shows one that expired", secure("expired.test"), "tls_expired", "tls", "expired at 20"),
    Case("shows one that is not valid yet", secure("notyet.test"), "tls_expired", "tls",
         "is not valid before 20"),
    Case("shows one for another name", secure("misnamed.test"), "tls_name_mismatch", "tls",
         "not for misnamed.test but for elsewhere.test"),
    Case("shows one signed by itself", secure("selfsigned.test"), "tls_self_signed", "tls",
         "CN=selfsigned.test"),
    Case("shows one of a stranger", secure("untrusted.test"), "tls_untrusted", "tls",
         "CN=another authority"),
    Case("shows one of a stranger who is trusted",
         secure("untrusted.test", tls={"ca": "other-ca.pem"}), None),
    Case("shows one with a link between it and a trusted one", secure("middle.test"), None),
    Case("leaves out that link", secure("middle-gap.test"), "tls_untrusted", "tls",
         "issued by CN=one in the middle: that issuer is not trusted here, and the server sent no"),
    Case("shows one that is on the list", secure("revoked.test", tls={"crl": "crl.pem"}),
         "tls_revoked", "tls", "in the revocation list"),
    Case("staples that its certificate is revoked", secure("stapled-revoked.test"), "tls_revoked",
         "tls", "says the server's own OCSP staple: at 20"),
    Case("staples that its certificate is good", secure("stapled.test"), None),
    Case("shows one that is not on the list", secure("fine.test", tls={"crl": "crl.pem"}), None),
    Case("has a key of 1024 bits", secure("weak.test"), "tls_weak", "tls", "key too weak"),
    Case("has a signature by SHA-1", secure("sha1.test"), "tls_weak", "tls",
         "signature digest algorithm too weak"),
    Case("agrees on a secret of 1024 bits", offers("DHE-RSA-AES128-GCM-SHA256"), "tls_weak", "tls", "dh key too small"),
    # It is the server that ends this one, and it does not say why.
    Case("has no cipher but one that hides nothing", offers("NULL-SHA256"), "tls_failure", "tls",
         "handshake failure"),
    Case("speaks TLS 1.1 and no more", secure("modern.test", old=True), "tls_weak", "tls",
         "no version of TLS from 1.2 to 1.3"),
    Case("speaks TLS 1.1, which is allowed", secure("old.test", old=True,
                                                    tls={"min_version": "1.0"}), None),
    Case("wants a client certificate", secure("clientcert.test"), "tls_client_cert_required",
         "tls", "wants a client certificate"),
    Case("wants a client certificate, and gets it",
         secure("clientcert.test", tls={"cert": "client.pem", "key": "client.key"}), None),
    Case("shows one expired and misnamed", secure("expired-misnamed.test"), "tls_expired", "tls"),
    Case("shows one untrusted and misnamed", secure("untrusted-misnamed.test"), "tls_untrusted",
         "tls"),
    Case("shows one weak and misnamed", secure("weak-misnamed.test"), "tls_name_mismatch", "tls"),
    Case("shows one expired, and nobody verifies", secure("expired.test", tls={"verify": False}),
         None, expect=("status == 200", "certificate.expires_in < 0d", "length(certificate.spki) == 44",
                       "length(certificate.fingerprint) == 64", "certificate.serial exists",
                       "certificate.chain_expires_in < 0d")),
    Case("speaks HTTP where TLS is wanted", 
         raw(rogue.says_first(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "https"), "tls_not_tls", "tls",
         "does not speak TLS"),
    Case("speaks SSH where TLS is wanted",
         raw(rogue.says_first(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "https"), "tls_not_tls", "tls"),
    Case("ends the handshake with an alert", raw(rogue.says_first(ALERT), "https"), "tls_failure",
         "tls", "internal error"),
    Case("closes in the handshake", raw(rogue.says_first(b""), "https"), "empty_reply", "tls",
         "during the TLS handshake"),
    Case("says nothing in the handshake", raw(rogue.stalls, "https"), "timeout", "tls",
         "no whole TLS handshake"),
    Case("shows 1,000 certificates", long_chain, "tls_failure", "tls"),
    Case("is asked with a CA file that is not there",
         secure("absent.test", tls={"ca": "none.pem"}), "local", "tls", "none.pem"),
]

JUDGING = [
    Case("answers 503", path("/status/503"), "expectation", "judge", "503"),
    Case("answers with NUL, escapes and no UTF-8",
         raw(rogue.says(OK + b"Content-Length: 9\r\n\r\n\0\x1b[31m\xff\xc0x")), "expectation",
         "judge", "", ('body == "fine"',)),
    Case("answers what a pattern cannot stand",
         path("/body/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), "expectation_limit", "judge", "",
         ("body matches /^(a+)+$/",)),
]

CASES = RESOLVING + CONNECTING + TALKING + SECURE + JUDGING

# Those of the manual that can be http's, but for the one that only another network has.
CLASSES = """
dns_timeout dns_nxdomain dns_no_address dns_failure connect_refused
tls_expired tls_name_mismatch tls_self_signed tls_untrusted tls_revoked tls_weak
tls_client_cert_required tls_not_tls tls_failure
timeout reset empty_reply partial_body malformed_reply headers_too_large body_too_large
bad_encoding too_many_redirects redirect_refused http2_error proxy_failure
expectation expectation_limit local
""".split()


def endpoint(case, places, name):
    # Short only for what is to time out: a busy machine makes the others slow, not wrong.
    patience = f"{int(3 * house.SLOWNESS)}s" if case.cls == "timeout" else "45s"
    one = {"name": name, "http": case.http(places), "timeout": patience}
    return {**one, "expect": list(case.expect)} if case.expect else one


def look_at_all(places):
    """What is to time out comes by itself, where it has the machine to itself."""
    late = ("timeout", "dns_timeout")
    slow, rest = (
        [endpoint(case, places, f"e{i}") for i, case in enumerate(CASES)
         if (case.cls in late) == is_late]
        for is_late in (True, False)
    )
    return {**look(places.folder, rest), **look(places.folder, slow, patience="2s")}


def look(folder, endpoints, status=1, patience="20s"):
    """The last check of each after one round, by name; so much patience with name servers."""
    path = folder / "picket.yaml"
    settings = {"max_per_host": 100, "resolver": {"timeout": patience, "tries": 1}}
    # JSON is YAML.
    path.write_text(json.dumps({"picket": settings, "endpoints": endpoints}))
    answer = house.run(house.PICKETD, "--once", "--json", "-c", path)
    assert answer.returncode == status, answer.stderr
    return {one["name"]: one["last_check"] for one in json.loads(answer.stdout)}


def assert_ends(check, name, cls, phase):
    assert check["verdict"] == ("fail" if cls else "pass"), (name, check)
    assert check.get("class") == cls, (name, check)
    if phase:
        assert check["phase"] == phase, (name, check)
    # The phases sum to the latency.
    assert abs(sum(check["phases"].values()) - check["latency"]) < 0.001, (name, check)
    if not cls:
        return
    # A sentence for people, never libcurl's own text, and fit for a terminal.
    assert check["reason"] and check["reason"].isprintable(), (name, check)
    for libcurl in ("out of memory", "nsupported protocol", "curl"):
        assert libcurl not in check["reason"].replace("libcurl", "curl"), (name, check)


def print_table(checks):
    print("\n{:<52} {:<24} {:<10} {}".format("what the server did", "class", "phase", "reason"))
    for i, case in enumerate(CASES):
        check = checks[f"e{i}"]
        print(
            "{:<52} {:<24} {:<10} {}".format(
                case.did, check.get("class", "pass"), check.get("phase", ""),
                check.get("reason", ""),
            )
        )


@pytest.fixture(scope="module")
def checks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classes")
    places = Places(folder)
    try:
        seen = look_at_all(places)
    finally:
        places.stop()
    print_table(seen)
    return seen


@pytest.mark.parametrize("i", range(len(CASES)), ids=[case.did for case in CASES])
def test_a_server_that(i, checks):
    case, check = CASES[i], checks[f"e{i}"]
    assert_ends(check, case.did, case.cls, case.phase)
    assert case.says in check.get("reason", ""), check


def test_every_class_has_a_server():
    assert set(CLASSES) == {case.cls for case in CASES if case.cls}


# --- Other networks --------------------------------------------------------------------

FAR = """
ip link set lo up
ip address add 8.8.8.8/32 dev lo
ip route add unreachable 9.9.9.9
"""

# In the clear: where the first request goes, and where a redirect leads from there.
FAR_CASES = [
    ("9.9.9.9:80", None, "unreachable", "no way leads to 9.9.9.9:80"),
    ("8.8.8.8:{port}", None, None, ""),
    ("8.8.8.8:{port}", "http://8.8.8.8:{port}/", None, ""),
    ("8.8.8.8:{port}", "http://127.0.0.1:{port}/", "redirect_refused", "private address"),
    ("8.8.8.8:{port}", "http://localhost:{port}/", "redirect_refused",
     "1 is a private address"),
    ("8.8.8.8:{port}", "http://[::1]:{port}/", "redirect_refused", "private address"),
    ("8.8.8.8:{port}", "http://[::ffff:127.0.0.1]:{port}/", "redirect_refused", "private address"),
    ("8.8.8.8:{port}", "http://169.254.169.254/", "redirect_refused", "private address"),
    ("127.0.0.1:{port}", "http://127.0.0.1:{port}/", None, ""),
]


def redirects(connection):
    """/to/URL leads there."""
    path = rogue.read_head(connection).split()[1].decode()
    line = "200 OK"
    if path.startswith("/to/"):
        line = f"302 -\r\nLocation: {urllib.parse.unquote(path[4:])}"
    connection.sendall(f"HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n".encode())
    connection.shutdown(socket.SHUT_WR)
    rogue.wait_end(connection)


def far_endpoint(i, port):
    host, to, _, _ = FAR_CASES[i]
    path = f"to/{urllib.parse.quote(to.format(port=port), '')}" if to else ""
    return {"name": f"e{i}", "http": f"http://{host.format(port=port)}/{path}", "timeout": "30s"}


def look_from_afar():
    """In a network of its own, as the only one there."""
    for line in FAR.strip().splitlines():
        subprocess.run(line.split(), check=True)
    server = rogue.Rogue(redirects, "0.0.0.0")
    endpoints = [far_endpoint(i, server.port) for i in range(len(FAR_CASES))]
    print(json.dumps(look(pathlib.Path(sys.argv[1]), endpoints)))
    server.stop()


def test_how_other_networks_answer(tmp_path):
    """Needs a network namespace, for addresses that this host may not have."""
    if subprocess.run(["unshare", "-rn", "true"], check=False).returncode != 0:
        pytest.skip("no network namespaces here")
    answer = house.run("unshare", "-rn", sys.executable, __file__, str(tmp_path), env=os.environ)
    assert answer.returncode == 0, answer.stderr
    seen = json.loads(answer.stdout)
    for i, (host, to, cls, says) in enumerate(FAR_CASES):
        check = seen[f"e{i}"]
        print("{:<18} {:<34} {:<17} {}".format(host, to or "", check.get("class", "pass"),
                                               check.get("reason", "")))
        assert check.get("class") == cls, (host, to, check)
        assert says in check.get("reason", ""), (host, to, check)


if __name__ == "__main__":
    look_from_afar()
