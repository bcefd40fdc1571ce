"""Why an environment does not answer, in words. Pure."""

from eod.errors import NotReachableError
from eod.probe.asking import Answer
from eod.probe.target import Target

_WORDS = {
    "dns": (
        "its name cannot be resolved",
        "The DNS record does not exist yet, or has not spread.",
        "Look at what makes the record (Terraform, external-dns); the zone must be the one that is delegated.",
    ),
    "refused": (
        "the connection is refused",
        "Nothing listens at that address and port, or it cannot be reached from the runner.",
        "Look at the load balancer's listeners and security group.",
    ),
    "timeout": (
        "it does not answer in time",
        "A firewall or security group drops the packets, or the application hangs.",
        "Look at the load balancer's targets and security group, then at the application's log.",
    ),
    "tls": (
        "its certificate is not accepted",
        "The certificate is not issued yet, or is for another name.",
        "Look at the certificate; `readiness.direct-scheme: http` asks the load balancer without TLS.",
    ),
    "broken": (
        "the connection breaks off",
        "What listens there speaks another protocol, or fails while it answers.",
        "Look at the load balancer's and the application's log.",
    ),
}
_SERVER_ERROR = 500
_NOT_FOUND = 404


def not_reachable(
    url: str, target: Target, answer: Answer, statuses: tuple[int, ...], seconds: float
) -> NotReachableError:
    """The error for a URL that has not answered as it should."""
    wanted = " or ".join(str(status) for status in statuses)
    said, why, fix = _status_words(answer) if answer.kind == "status" else _WORDS[answer.kind]
    through = "" if target.direct else f", asked through {target.address}:{target.port}"
    return NotReachableError(
        f"{url} did not answer with {wanted} in {seconds:.0f} s: {said}{through}.",
        detail=answer.text,
        why=why,
        fix=fix,
    )


def _status_words(answer: Answer) -> tuple[str, str, str]:
    said = f"it answers {answer.status}"
    if answer.location:
        said += f" and points to {answer.location[:200]!r}"
        return (
            said,
            "Redirects are followed on the environment's own host only.",
            f"If that is right, add {answer.status} to `readiness.status` in eod.yml.",
        )
    if answer.status == _NOT_FOUND:
        return said, "No Ingress serves this host, or the application has no such path.", _PATH
    if answer.status >= _SERVER_ERROR:
        return said, "No pod is ready behind the load balancer, or the application fails.", _LOGS
    return said, "The application answers otherwise than `readiness.status` in eod.yml expects.", _PATH


_PATH = "Look at the Ingress's host and paths, and at `readiness.path` and `readiness.status` in eod.yml."
_LOGS = "Look at the pods and their log."
