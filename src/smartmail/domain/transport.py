"""How mail is secured on its way to another host: what is demanded, what was found, what is counted."""

from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.formats.tlsa import Tlsa

PolicyKind = Literal["none", "dane", "sts", "partner", "requiretls", "smarthost"]
"""Who demands something: nobody (opportunistic), the domain by DANE or MTA-STS, we for a partner, the sender
(RFC 8689), the operator for a smarthost."""

TlsVersion = Literal["1.0", "1.2", "1.3"]
VERSIONS: Final[tuple[TlsVersion, ...]] = ("1.2", "1.3")
"""What a partner rule may ask for. 1.0 exists for dated exceptions alone."""


@dataclass(frozen=True, slots=True)
class HostTerms:
    """What a connection to one host must fulfil before a message goes over it.

    `kind` is who demands it. `demand`: no message in clear. `tlsa`: a certificate must agree with one of them (DANE).
    `names`: the certificate must be trusted and carry one of them (PKIX); patterns when `patterns`. `testing`: failures are
    counted and do not stop the message. `final`: a failure is told to the sender at once instead of tried again.
    `refusal`: the host may not be used at all, and why (a result of RFC 8460 §4.3), `reason` in words.
    `extension`: the host must offer REQUIRETLS. Equal terms may share a connection; `report` and `reason` are no part of that.
    """

    kind: PolicyKind = "none"
    demand: bool = False
    tlsa: tuple[Tlsa, ...] = ()
    names: tuple[str, ...] = ()
    patterns: bool = False
    minimum: TlsVersion = "1.2"
    server_name: str = ""
    testing: bool = False
    final: bool = False
    refusal: str = ""
    reason: str = field(default="", compare=False)
    extension: bool = False
    authorities: str = ""
    report: "ReportPolicy | None" = field(default=None, compare=False)

    @property
    def verifies(self) -> bool:
        """Whether a certificate must prove something."""
        return bool(self.tlsa or self.names)


OPPORTUNISTIC: Final = HostTerms()
"""RFC 7435: sealed where offered, in clear rather than not at all."""


@dataclass(frozen=True, slots=True)
class ReportPolicy:
    """The policy of a domain as a TLS report names it (RFC 8460 §4.2): tlsa, sts or no-policy-found."""

    kind: str
    domain: str
    strings: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TlsUse:
    """How a connection was sealed: version and cipher as OpenSSL names them, "" for clear text; what proved the peer."""

    version: str = ""
    cipher: str = ""
    verified: PolicyKind = "none"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a message itself asks of its way (RFC 8689): REQUIRETLS, or that others' TLS policies be passed over."""

    require: bool = False
    waive: bool = False


NO_NEEDS: Final = Needs()


@dataclass(frozen=True, slots=True)
class PartnerRule:
    """Mail to a domain goes over verified TLS or comes back. `names` other than the host's; `defer` instead of bounce."""

    domain: str
    minimum: TlsVersion = "1.2"
    names: tuple[str, ...] = ()
    defer: bool = False


@dataclass(frozen=True, slots=True)
class TlsException:
    """A host (name or address) and port that may speak old TLS until a time, in milliseconds."""

    host: str
    port: int
    until: int


@dataclass(frozen=True, slots=True)
class StsRow:
    """A policy of another domain, as it was fetched; times in milliseconds."""

    domain: str
    policy_id: str
    text: str
    fetched_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class ReceivedTlsReport:
    """What another system reported about TLS with hosts of a domain of ours; times in seconds, `content` is its JSON."""

    domain: str
    reporter: str
    report_id: str
    begin: int
    end: int
    content: str


@dataclass(frozen=True, slots=True)
class TlsCount:
    """Sessions of one day with one host under one policy that ended alike; `result` "" is success.

    `day` counts days since 1970 (UTC); `policy` is the JSON text of a ReportPolicy.
    """

    day: int
    domain: str
    policy: str
    result: str
    host: str
    address: str
    sessions: int = 1
