import contextlib
import datetime as dt
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eod.errors import CancelledError, NotReachableError
from eod.model.kube import LoadBalancer
from eod.probe.prober import Prober
from tests.cluster.clocks import FastClock
from tests.cluster.servers import Script, serving

pytestmark = pytest.mark.network
HOST = "pr-1.preview.test"


def balancer_at(url):
    return LoadBalancer(host="127.0.0.1", port=int(url.rpartition(":")[2]), source="ingress web")


def wait(url, *, statuses=(200,), timeout=30.0, via=None, clock=None):
    return Prober(clock or FastClock()).wait(url, statuses=statuses, timeout_seconds=timeout, via=via)


@pytest.fixture
def no_such_name(monkeypatch):
    """DNS as it is before the record exists."""
    real = socket.getaddrinfo

    def lookup(host, *args, **kwargs):
        if host == HOST:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


@pytest.fixture
def name_leads_home(monkeypatch):
    """DNS that has come to know the environment: on this machine."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1" if host == HOST else host, *a, **k)
    )


def test_a_load_balancer_is_asked_under_the_environments_name(no_such_name):
    script = Script((200, b"hello"))
    with serving(script) as url:
        answered = wait(f"http://{HOST}/health?x=1", via=balancer_at(url))

    assert answered == f"{url}/health?x=1"
    (sent,) = script.requests
    assert sent["headers"]["Host"] == HOST
    assert sent["path"] == "/health?x=1"


def test_nobody_sleeps_before_the_first_question():
    clock = FastClock()
    with serving(Script((200, b""))) as url:
        assert wait(f"{url}/", clock=clock) == f"{url}/"
    assert clock.waits == []


def test_the_pauses_grow_to_two_seconds():
    clock = FastClock()
    with serving(Script(*[(503, b"")] * 6, (200, b""))) as url:
        wait(f"{url}/", clock=clock)
    assert clock.waits == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0]


def test_any_of_the_statuses_will_do():
    with serving(Script((401, b""))) as url:
        assert wait(f"{url}/", statuses=(200, 401)) == f"{url}/"


def test_a_load_balancer_that_cannot_be_connected_to_gives_way_to_the_name(name_leads_home):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = LoadBalancer(host="127.0.0.1", port=listener.getsockname()[1], source="x")
    script = Script((200, b""))
    with serving(script) as url:
        port = url.rpartition(":")[2]
        assert wait(f"http://{HOST}:{port}/", via=nobody) == f"http://{HOST}:{port}/"


def test_redirects_are_followed_on_the_same_host():
    script = Script((302, b"", {"Location": f"http://{HOST}/home"}), (200, b""))
    with serving(script) as url:
        assert wait(f"http://{HOST}/", via=balancer_at(url)) == f"{url}/home"
    assert [request["headers"]["Host"] for request in script.requests] == [HOST, HOST]


def test_a_redirect_to_elsewhere_is_not_followed_but_may_be_the_answer():
    away = Script((302, b"", {"Location": "https://login.example.com/"}))
    with serving(away) as url:
        assert wait(f"{url}/", statuses=(302,)) == f"{url}/"
        with pytest.raises(NotReachableError) as caught:
            wait(f"{url}/", timeout=1)
    assert "it answers 302 and points to 'https://login.example.com/'" in caught.value.what


def test_no_more_than_the_headers_is_read():
    endless = Script((200, [b"x" * 65536] * 400))
    with serving(endless) as url:
        assert wait(f"{url}/") == f"{url}/"


def test_no_credentials_of_a_netrc_are_sent(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    script = Script((200, b""))
    with serving(script) as url:
        wait(f"{url}/")
    assert "Authorization" not in script.requests[0]["headers"]


@pytest.mark.parametrize(
    ("status", "word"),
    [(404, "No Ingress serves this host"), (503, "No pod is ready"), (403, "answers otherwise")],
)
def test_the_status_that_was_seen_is_explained(status, word):
    with serving(Script((status, b""))) as url, pytest.raises(NotReachableError) as caught:
        wait(f"http://{HOST}/", timeout=5, via=balancer_at(url))
    assert f"it answers {status}" in caught.value.what
    assert "asked through 127.0.0.1:" in caught.value.what
    assert word in caught.value.why


def test_a_name_that_does_not_exist_yet_is_explained(no_such_name):
    with pytest.raises(NotReachableError, match="its name cannot be resolved") as caught:
        wait(f"http://{HOST}/", timeout=5)
    assert "DNS record" in caught.value.why


def test_a_refused_connection_is_explained():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotReachableError, match="connection is refused"):
        wait(f"http://127.0.0.1:{port}/", timeout=5)


def test_a_connection_that_breaks_off_is_explained():
    with serving(Script((None, None))) as url, pytest.raises(NotReachableError, match="breaks off"):
        wait(f"{url}/", timeout=5)


def test_the_time_is_kept():
    clock = FastClock()
    with serving(Script((503, b""))) as url, pytest.raises(NotReachableError, match="in 30 s"):
        wait(f"{url}/", timeout=30, clock=clock)
    assert clock.seconds == pytest.approx(30)


def test_a_cancelled_run_stops_asking():
    class Cancelling(FastClock):
        def wait(self, seconds):
            raise CancelledError("The run was cancelled.")

    script = Script((503, b""))
    with serving(script) as url, pytest.raises(CancelledError):
        wait(f"{url}/", clock=Cancelling())
    assert len(script.requests) == 1


def certificate(folder, name):
    """A key and a certificate for `name`, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextlib.contextmanager
def serving_tls(pem):
    """A server with one certificate that answers 200 to everything; its port, and the names it was asked for."""
    names = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def serve():
            while not ended.is_set():
                connection, _ = listener.accept()
                with (
                    connection,
                    contextlib.suppress(OSError),
                    context.wrap_socket(connection, server_side=True) as secured,
                ):
                    secured.recv(65536)
                    secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], names
        finally:
            ended.set()
            with contextlib.suppress(OSError), socket.create_connection(listener.getsockname()):
                pass
            thread.join()


def test_over_tls_the_environments_name_is_presented_and_verified(tmp_path, monkeypatch):
    pem = certificate(tmp_path, HOST)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    with serving_tls(pem) as (port, names):
        via = LoadBalancer(host="127.0.0.1", port=port, source="x")
        assert wait(f"https://{HOST}/", via=via) == f"https://127.0.0.1:{port}/"
    assert names == [HOST]


def test_a_certificate_for_another_name_is_not_accepted(tmp_path, monkeypatch):
    pem = certificate(tmp_path, "other.preview.test")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    with serving_tls(pem) as (port, _), pytest.raises(NotReachableError, match="certificate is not accepted"):
        wait(f"https://{HOST}/", timeout=2, via=LoadBalancer(host="127.0.0.1", port=port, source="x"))


def test_a_certificate_of_nobody_is_not_accepted(tmp_path):
    pem = certificate(tmp_path, HOST)
    with serving_tls(pem) as (port, _), pytest.raises(NotReachableError, match="certificate is not accepted"):
        wait(f"https://{HOST}/", timeout=2, via=LoadBalancer(host="127.0.0.1", port=port, source="x"))
