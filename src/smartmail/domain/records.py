"""What is made of records: anchors, monthly reviews, investigations, the register of destructions, collectors."""

from dataclasses import dataclass
from typing import Final, Literal

from smartmail.domain.ids import AccountId, OrganizationId

REASON_LEAST: Final = 10
"""Characters of a reason (KA-44)."""


@dataclass(frozen=True, slots=True)
class SignedAnchor:
    """The ends of all chains on a day, signed. `document` is what the signature (Ed25519) goes over."""

    day: str
    at: int
    document: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """The look at a month's records (KA-43). `reviewer` 0: nobody in person. `month` as 2026-01."""

    organization_id: OrganizationId
    month: str
    made_at: int
    due_at: int
    reviewer: AccountId
    signed_at: int | None
    signed_by: AccountId | None
    alarmed_at: int | None
    sealed_body: bytes
    sealed_comment: bytes | None


@dataclass(frozen=True, slots=True)
class Investigation:
    """While it lasts the owner of an account is not shown the looks of the two who asked for it. One that nobody else has
    confirmed hides nothing.
    """

    id: int
    organization_id: OrganizationId
    account_id: AccountId
    since: int
    until: int
    proposed_by: str
    confirmed_by: str
    confirmed_at: int | None
    sealed_reason: bytes


@dataclass(frozen=True, slots=True)
class Destruction:
    """An entry of the register of destructions (PIPA Article 21, BR-22).

    `counts` what was there, by name; `keys` the SHA-256 of each key that was destroyed, as the store kept it: nobody can
    make the key from it, and whoever finds a copy of the wrapped key can tell that it was the one.
    """

    id: int
    organization_id: OrganizationId
    at: int
    kind: Literal["account", "domain", "organization"]
    subject: str
    ground: str
    actor: str
    consent: str
    method: str
    counts: dict[str, int]
    keys: tuple[str, ...]
    sealed_note: bytes | None = None


SiemFormat = Literal["rfc5424", "cef", "json"]
Confirm = Literal["close", "sent"]


@dataclass(frozen=True, slots=True)
class SiemTarget:
    """A collector of records. `kinds`: which are sent, none for all. `authority`: PEM of the authority that its certificate
    must be of, "" for those that the system trusts. `confirm`: whether the collector must answer the end of a connection
    (RFC 5425 §4.4) before records count as received, or it is enough that they were sent. `organization_id` 0: all chains.
    """

    id: int
    name: str
    format: SiemFormat
    host: str
    port: int
    kinds: tuple[str, ...]
    authority: str
    confirm: Confirm
    state: Literal["on", "off"]
    organization_id: OrganizationId
    created_at: int
