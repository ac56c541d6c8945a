"""What an organisation trusts when people log in with certificates: authorities, rules, places that may be asked, lists.

Nothing here is secret: authorities, their lists and the names of their servers are public. What is kept of people's own
certificates lies sealed with their second factors (domain.factors).
"""

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from smartmail.domain.ids import OrganizationId

Family = Literal["npki", "gpki", "other"]
FAMILIES: Final[tuple[Family, ...]] = get_args(Family)


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """An authority. `domain` "": for all domains of the organisation. `fingerprint`: SHA-256 as hex; `at` milliseconds."""

    organization_id: OrganizationId
    domain: str
    fingerprint: str
    family: Family
    der: bytes = field(repr=False)
    at: int


@dataclass(frozen=True, slots=True)
class CertificateRule:
    """How a family of certificates counts. Empty `policies`: every purpose.

    `identity`: the identity number must be proved (VID). `rebind`: a renewed certificate of the same subject and issuer
    takes the old one's place by itself, where its identity number is proved.
    """

    organization_id: OrganizationId
    domain: str
    family: Family
    enabled: bool = True
    policies: tuple[str, ...] = ()
    identity: bool = False
    rebind: bool = False


@dataclass(frozen=True, slots=True)
class RevocationListRow:
    """A list of revoked certificates. `issuer`: SHA-256 of the issuer's name; `scope`: the distribution point that it is
    for, "" for all. `since`, `until`: seconds of Unix time; `source`: where it came from.
    """

    organization_id: OrganizationId
    issuer: bytes
    scope: str
    since: int
    until: int
    fetched_at: int
    source: str
    der: bytes = field(default=b"", repr=False)
