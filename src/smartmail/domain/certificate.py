"""Certificates that the listeners serve, by name."""

from dataclasses import dataclass, field
from typing import Literal

Source = Literal["upload", "acme"]


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """What is told of a certificate. `id` is the SHA-256 of the leaf; times in milliseconds of Unix time."""

    id: str
    names: tuple[str, ...]
    issuer: str
    since: int
    until: int
    source: Source
    added_at: int


@dataclass(frozen=True, slots=True)
class ServedCertificate:
    """A certificate with its chain and key, as PEM, for the listeners."""

    row: CertificateRow
    chain: bytes
    key: bytes = field(repr=False)


def covers(names: tuple[str, ...], host: str) -> bool:
    """Say whether names of a certificate cover a host: itself, or one label under a wildcard (RFC 6125 §6.4.3)."""
    host = host.lower().rstrip(".")
    return host in names or ("." in host and f"*.{host.partition('.')[2]}" in names)
