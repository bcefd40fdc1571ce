"""Asking servers on this machine, past any proxy that the environment names."""

from http import HTTPStatus
from pathlib import Path

import requests


def answers(url: str, *, authority: Path | None = None) -> bool:
    """Whether a GET is answered with 200.

    Args:
        url: What to ask.
        authority: The certificate authority to trust, for https.

    Raises:
        requests.RequestException: There was no answer; it is an OSError.
    """
    with requests.Session() as session:
        session.trust_env = False
        response = session.get(url, verify=str(authority) if authority else True, timeout=5, stream=True)
        response.close()
        return response.status_code == HTTPStatus.OK
