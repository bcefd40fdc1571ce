"""Where a namespace can be reached from outside, read from Ingresses and Services. Pure."""

from typing import Any

from eod.model.kube import LoadBalancer

_DEFAULT_PORTS = {"http": 80, "https": 443}


def choose_address(
    ingresses: list[dict[str, Any]], services: list[dict[str, Any]], hostname: str, *, scheme: str
) -> LoadBalancer | None:
    """The address of the Ingress for `hostname`, or of the first Ingress or Service that has one.

    An Ingress without a host in its rules serves every host: it comes after one that names ours, and before one
    that serves another host.
    """
    ranked = sorted(ingresses, key=lambda ingress: (_rank(ingress, hostname), _name(ingress)))
    for ingress in ranked:
        address = _address(ingress, f"ingress {_name(ingress)}", [], scheme)
        if address is not None:
            return address
    for service in sorted(filter(is_load_balancer, services), key=_name):
        ports = (service.get("spec") or {}).get("ports") or []
        address = _address(service, f"service {_name(service)}", ports, scheme)
        if address is not None:
            return address
    return None


def is_load_balancer(service: dict[str, Any]) -> bool:
    """Whether a cloud makes a load balancer for this Service."""
    return (service.get("spec") or {}).get("type") == "LoadBalancer"


def _rank(ingress: dict[str, Any], hostname: str) -> int:
    hosts = [str(rule.get("host") or "").lower() for rule in (ingress.get("spec") or {}).get("rules") or []]
    wanted = hostname.lower()
    if wanted in hosts:
        return 0
    if any(host.startswith("*.") and wanted.partition(".")[2] == host[2:] for host in hosts):
        return 1
    return 2 if not hosts or "" in hosts else 3


def _address(thing: dict[str, Any], source: str, ports: list[dict[str, Any]], scheme: str) -> LoadBalancer | None:
    points = ((thing.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    for point in points:
        host = point.get("hostname") or point.get("ip")
        if host:
            return LoadBalancer(host=host, port=_port(point.get("ports") or ports, scheme), source=source)
    return None


def _port(ports: list[dict[str, Any]], scheme: str) -> int:
    default = _DEFAULT_PORTS[scheme]
    numbers = [int(port["port"]) for port in ports if port.get("port") and not port.get("error")]
    named = [int(port["port"]) for port in ports if port.get("name") == scheme and port.get("port")]
    if default in numbers or not numbers:
        return default
    return named[0] if named else numbers[0]


def _name(thing: dict[str, Any]) -> str:
    return str(thing["metadata"]["name"])
