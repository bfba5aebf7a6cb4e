"""Health services of gRPC: a real server of python3-grpcio, plain and over TLS."""

import concurrent.futures
import contextlib

import grpc
import pytest

import real
import rogue

SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"
STATUS = {b"": SERVING, b"\x0a\x01a": SERVING, b"\x0a\x01b": NOT_SERVING}


class Health(grpc.GenericRpcHandler):
    """grpc.health.v1, in bytes."""

    def service(self, details):
        if details.method == "/grpc.health.v1.Health/Check":
            return grpc.unary_unary_rpc_method_handler(self.check)
        return None

    def check(self, request, context):
        sent = dict(context.invocation_metadata())
        if request == b"\x0a\x06secret" and sent.get("authorization") != "Bearer s3cret":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "no token, no answer")
        if request == b"\x0a\x06secret":
            return SERVING
        if request not in STATUS:
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return STATUS[request]


@contextlib.contextmanager
def serve(*handlers, credentials=None):
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(4), handlers=handlers)
    if credentials:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


@pytest.fixture
def checked(picketd):
    """What a check of each of these came to."""

    def check(**endpoints):
        lines = ["defaults: { interval: 20d, timeout: 20s }", "endpoints:"]
        for name, keys in endpoints.items():
            lines.append(f"  - {{ name: {name}, grpc: {keys} }}")
        daemon = picketd("\n".join(lines) + "\n")
        daemon.ctl("check", "*", "--wait")
        return {name: daemon.endpoint(name) for name in endpoints}

    return check


def test_a_real_server_is_asked(checked):
    with serve(Health()) as port, serve() as bare:
        at = f"address: 'localhost:{port}'"
        seen = checked(
            whole=f"'localhost:{port}'",
            good=f"{{ {at}, service: a, authority: somebody }}",
            bad=f"{{ {at}, service: b }}",
            unknown=f"{{ {at}, service: c }}",
            closed=f"{{ {at}, service: secret }}",
            open=f"{{ {at}, service: secret, metadata: {{ authorization: Bearer s3cret }} }}",
            none=f"'localhost:{bare}'",
            tls=f"{{ {at}, tls: true }}",
        )
    verdicts = {name: one["last_check"]["verdict"] for name, one in seen.items()}
    assert {name for name, verdict in verdicts.items() if verdict == "pass"} == {"whole", "good", "open"}
    reasons = {name: (one["last_check"]["class"], one["last_check"]["reason"])
               for name, one in seen.items() if one["last_check"]["verdict"] == "fail"}
    assert reasons["bad"] == ("expectation", 'body is "NOT_SERVING", expected "SERVING"')
    assert reasons["unknown"] == ("expectation", "grpc-status is 5 (NOT_FOUND): unknown service")
    assert reasons["closed"] == ("expectation", "grpc-status is 16 (UNAUTHENTICATED): no token, no answer")
    assert reasons["none"][1].startswith("grpc-status is 12 (UNIMPLEMENTED)")
    assert reasons["tls"][0] == "tls_not_tls"
    phases = seen["whole"]["last_check"]["phases"]
    assert set(phases) >= {"connect", "first_byte"}
    assert abs(sum(phases.values()) - seen["whole"]["last_check"]["latency"]) < 0.001


def test_an_answer_that_comes_before_the_message_is_sent_counts(checked):
    reply = (b"content-type", b"application/grpc"), (b"grpc-status", b"12")
    server = rogue.Rogue(rogue.http2_early(*reply))
    # Which comes first is a race; one in five lost it.
    seen = checked(**{f"early-{i}": f"'127.0.0.1:{server.port}'" for i in range(50)})
    server.stop()
    reasons = {one["last_check"]["reason"] for one in seen.values()}
    assert reasons == {"grpc-status is 12 (UNIMPLEMENTED)"}


def test_it_is_asked_over_tls(checked, tmp_path):
    key, cert = real.certificate(tmp_path)
    credentials = grpc.ssl_server_credentials([(key.read_bytes(), cert.read_bytes())])
    with serve(Health(), credentials=credentials) as port:
        at = f"address: 'localhost:{port}'"
        seen = checked(
            good=f"{{ {at}, tls: {{ ca: '{cert}' }} }}",
            untrusted=f"{{ {at}, tls: true }}",
            plain=f"{{ {at} }}",
        )
    assert seen["good"]["last_check"]["verdict"] == "pass", seen["good"]
    assert seen["untrusted"]["last_check"]["class"] == "tls_self_signed"
    assert seen["plain"]["last_check"]["verdict"] == "fail"


def test_both_families_must_answer(world, checked):
    places = world("dns dual.test: 127.0.0.1 ::1\n", "--dns", "127.0.0.1:0")
    with serve(Health()) as port:
        at = f"address: 'dual.test:{port}', resolver: '127.0.0.1:{places.ports['dns']}'"
        seen = checked(four=f"{{ {at}, ip: 4 }}", both=f"{{ {at}, ip: both }}")
    assert seen["four"]["last_check"]["verdict"] == "pass", seen["four"]
    # It does not listen on ::1, so the look over IPv6 is the worse one; or IPv6 is not there.
    assert seen["both"]["last_check"]["class"] in ("connect_refused", "local"), seen["both"]
