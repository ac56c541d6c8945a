"""MTA-STS: the TXT record and the policy file, read and written.

Pure values. What cannot be read is an StsError with a word for the report; a record that is not one counts as none.
STANDARDS: RFC 8461 §3.1 (record), §3.2 (policy), §4.1 (matching of hosts).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from smartmail.formats.tls_names import covers

Mode = Literal["enforce", "testing", "none"]
MODES: Final = ("enforce", "testing", "none")
MAX_AGE: Final = 31_557_600
"""RFC 8461 §3.2: at most a year, in seconds."""
MAX_OCTETS: Final = 65_536
"""RFC 8461 §3.3 suggests 64 kilobytes as the bound of a policy."""
MAX_HOSTS: Final = 1_000
_ID: Final = re.compile(r"[A-Za-z0-9]{1,32}")
_FIELD: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.\-]{0,31})[ \t]*:[ \t]*(.*?)[ \t]*")
_HOST: Final = re.compile(
    r"(?:\*\.)?[a-z0-9](?:[a-z0-9_\-]*[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_\-]*[a-z0-9])?)*", re.IGNORECASE
)


class StsError(Exception):
    """A policy that says nothing one could keep to."""


@dataclass(frozen=True, slots=True)
class StsPolicy:
    """What a domain asks of those who send to it. `max_age` in seconds."""

    mode: Mode
    max_age: int
    mx: tuple[str, ...] = ()

    def permits(self, host: str) -> bool:
        """Whether a host is one of the domain's (RFC 8461 §4.1)."""
        return any(covers(pattern, host) for pattern in self.mx)


def read_record(texts: Sequence[bytes]) -> str | None:
    """Return the id of the one record at `_mta-sts`; None when there is none, several, or it is broken."""
    found = [text for text in texts if text.startswith(b"v=STSv1;")]
    if len(found) != 1:
        return None
    fields = _fields(found[0].decode("ascii", "replace"))
    identity = None if fields is None else fields.get("id")
    return identity if identity is not None and _ID.fullmatch(identity) else None


def _fields(text: str) -> dict[str, str] | None:
    fields: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.strip(" \t").partition("=")
        if not name and not equals:
            continue
        if not equals or name in fields:
            return None
        fields[name] = value
    return fields


def read_policy(octets: bytes) -> StsPolicy:
    """Read a policy file. Raises StsError."""
    if len(octets) > MAX_OCTETS:
        raise StsError("too large")
    try:
        lines = octets.decode("utf-8").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        raise StsError("no UTF-8") from None
    fields: dict[str, str] = {}
    hosts: list[str] = []
    for line in filter(None, (line.rstrip(" \t") for line in lines)):
        found = _FIELD.fullmatch(line)
        if found is None:
            raise StsError("a line that is no field")
        if found[1] == "mx":
            hosts.append(found[2])
        else:
            # RFC 8461 §3.2: of a field that comes twice the first counts.
            fields.setdefault(found[1], found[2])
    return _policy(fields, hosts)


def _policy(fields: dict[str, str], hosts: list[str]) -> StsPolicy:
    if fields.get("version") != "STSv1":
        raise StsError("no version STSv1")
    mode, age = fields.get("mode"), fields.get("max_age", "")
    if mode not in MODES:
        raise StsError("no known mode")
    if not age.isascii() or not age.isdigit() or len(age) > 10:
        raise StsError("no max_age")
    if len(hosts) > MAX_HOSTS or not all(len(host) <= 255 and _HOST.fullmatch(host) for host in hosts):
        raise StsError("an mx that is no host name")
    if not hosts and mode != "none":
        raise StsError("no mx")
    return StsPolicy(cast(Mode, mode), min(int(age), MAX_AGE), tuple(host.lower() for host in hosts))


def write_policy(policy: StsPolicy) -> bytes:
    """Return the policy file; its lines end with CRLF, as the RFC's examples do."""
    lines = ["version: STSv1", f"mode: {policy.mode}", *(f"mx: {host}" for host in policy.mx)]
    return ("\r\n".join([*lines, f"max_age: {policy.max_age}"]) + "\r\n").encode()


def write_record(identity: str) -> str:
    """Return the TXT record of `_mta-sts`."""
    return f"v=STSv1; id={identity};"
