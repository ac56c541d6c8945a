"""Names in certificates of mail hosts: which a certificate claims, and whether a name is among them.

Only DNS names of subjectAltName count (RFC 9525 §6.3: a common name is no name). A wildcard stands for exactly one label,
the leftmost, whole one. Pure values; the chain behind the certificate is judged elsewhere.
"""

from collections.abc import Iterable

from cryptography import x509


def dns_names(certificate: x509.Certificate) -> list[str]:
    """Return the DNS names that a certificate claims, in lower case; none when its extensions cannot be read."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return []
    return [_plain(name) for name in found.value.get_values_for_type(x509.DNSName)]


def covers(pattern: str, name: str) -> bool:
    """Say whether a name, or a pattern with a wildcard for its first label, stands for a name (RFC 9525 §6.3)."""
    pattern, name = _plain(pattern), _plain(name)
    if not pattern.startswith("*."):
        return pattern == name and bool(name)
    label, dot, rest = name.partition(".")
    return bool(label and dot) and "*" not in rest and rest == pattern[2:] and "." in rest


def any_covers(patterns: Iterable[str], names: Iterable[str]) -> bool:
    """Say whether one of the patterns stands for one of the names."""
    names = tuple(names)
    return any(covers(pattern, name) for pattern in patterns for name in names)


def _plain(name: str) -> str:
    return name.lower().rstrip(".")
