"""A certificate authority of the testbed's own, the servers' certificate, and the key that signs tokens."""

import datetime as dt
import ipaddress
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from testbed.ports import LOOPBACK

_LIFETIME = dt.timedelta(days=7)


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """Paths of PEM files.

    Attributes:
        authority: Certificate of the authority that clients trust.
        server: Certificate of every TLS server of the testbed.
        server_key: Its private key.
        service_accounts: Private key with which service account tokens are signed.
        service_accounts_public: The public half, with which the API server checks them.
    """

    authority: Path
    server: Path
    server_key: Path
    service_accounts: Path
    service_accounts_public: Path


def make(target: Path, now: dt.datetime) -> Keys:
    """Write a fresh set of keys and certificates, valid for a week, into a folder."""
    target.mkdir(parents=True, exist_ok=True)
    authority_key, server_key, signing_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    authority_name = _name("eod testbed")
    authority = (
        _certificate(authority_name, authority_name, authority_key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    addresses = [
        x509.IPAddress(ipaddress.ip_address(LOOPBACK)),
        x509.DNSName("localhost"),
        x509.DNSName("kubernetes.default.svc"),
    ]
    server = (
        _certificate(_name("eod testbed server"), authority_name, server_key, now)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    return Keys(
        authority=_write(target / "ca.crt", authority.public_bytes(serialization.Encoding.PEM)),
        server=_write(target / "server.crt", server.public_bytes(serialization.Encoding.PEM)),
        server_key=_write(target / "server.key", _private(server_key)),
        service_accounts=_write(target / "service-accounts.key", _private(signing_key)),
        service_accounts_public=_write(target / "service-accounts.pub", _public(signing_key)),
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path
