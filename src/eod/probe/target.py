"""What is asked, and through which address. Pure."""

from urllib.parse import SplitResult, urljoin, urlsplit

from msgspec import Struct

from eod.model.kube import LoadBalancer

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MOST_HOPS = 5


class Target(Struct, frozen=True, kw_only=True):
    """One request.

    Attributes:
        scheme: `http` or `https`.
        hostname: Whose environment is asked: the Host header, and the name in the TLS handshake.
        path: With its query.
        address: Where to connect to: the hostname itself, or a load balancer.
        port: There.
        hops: How many redirects led here.
    """

    scheme: str
    hostname: str
    path: str
    address: str
    port: int
    hops: int = 0

    @property
    def direct(self) -> bool:
        """Whether no load balancer's address stands in for the name."""
        return self.address == self.hostname

    @property
    def host_header(self) -> str:
        """The Host header: the name that people use, with a port only where theirs has one."""
        usual = self.port == _DEFAULT_PORTS[self.scheme]
        return self.hostname if usual or not self.direct else f"{self.hostname}:{self.port}"

    @property
    def url(self) -> str:
        """The URL that is really connected to."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{address}{port}{self.path}"


def target_of(url: str, via: LoadBalancer | None) -> Target:
    """The request for `url`, through `via` if given."""
    parts = urlsplit(url)
    hostname = (parts.hostname or "").lower()
    own_port = parts.port or _DEFAULT_PORTS[parts.scheme]
    return Target(
        scheme=parts.scheme,
        hostname=hostname,
        path=_path(parts),
        address=via.host if via else hostname,
        port=via.port if via else own_port,
    )


def redirected(target: Target, location: str) -> Target | None:
    """Where a redirect leads, or `None` if it leaves the environment's host or goes round in circles.

    A load balancer that sends people from http to https is followed on the same address; the other scheme has its
    usual port there.
    """
    if target.hops >= _MOST_HOPS or not location:
        return None
    people_see = f"{target.scheme}://{target.host_header}{target.path}"
    try:
        parts = urlsplit(urljoin(people_see, location))
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    if parts.scheme not in _DEFAULT_PORTS or host not in {target.hostname, target.address.lower()}:
        return None
    same = parts.scheme == target.scheme and (port is None or not target.direct)
    return Target(
        scheme=parts.scheme,
        hostname=target.hostname,
        path=_path(parts),
        address=target.address,
        port=target.port if same else port or _DEFAULT_PORTS[parts.scheme],
        hops=target.hops + 1,
    )


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
