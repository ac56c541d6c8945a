"""Second factors, and logins that wait for one."""

from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.ids import AccountId

FactorKind = Literal["totp", "passkey", "certificate", "recovery"]
ChallengePurpose = Literal["login", "step-up", "enrol"]

Demand = Literal["factor", "enrol", "password", "consent"]
"""What a signed-in browser still owes before anything is served to it: a second factor, its enrolment, a new password,
a consent.
"""


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A second factor of an account. `lookup`: what a response names it by; `counter` only rises. Milliseconds."""

    id: int
    account_id: AccountId
    kind: FactorKind
    sealed: bytes = field(repr=False)
    sealed_label: bytes = field(repr=False)
    created_at: int
    lookup: bytes | None = field(default=None, repr=False)
    counter: int = 0
    last_used_at: int | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """A login, step-up or enrolment on its way, found by the hash of a token that only the page has.

    `nonce` is given to the page by a question (at `asked_at`) and used up by the next answer. `sealed` is what an
    enrolment has begun with. `session_hash`: the session that asked, where there is one.
    """

    token_hash: bytes
    account_id: AccountId
    purpose: ChallengePurpose
    auth_epoch: int
    created_at: int
    expires_at: int
    session_hash: bytes | None = None
    nonce: bytes | None = field(default=None, repr=False)
    asked_at: int = 0
    sealed: bytes | None = field(default=None, repr=False)
    tries: int = 0


@dataclass(frozen=True, slots=True)
class ProofState:
    """How an account stands. `grace_from`: since when a second factor is asked of it; `change_later_until`: until when
    an old password was put off. The recovery address is sealed.
    """

    account_id: AccountId
    grace_from: int | None = None
    must_change: bool = False
    change_later_until: int | None = None
    sealed_recovery: bytes | None = field(default=None, repr=False)
    recovery_verified_at: int | None = None


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A browser that an account was opened from: it keeps a cookie of which we keep the hash."""

    token_hash: bytes
    account_id: AccountId
    first_at: int
    last_at: int
    address: str
    sealed_name: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of a text that people agree to, in one language."""

    organization_id: int
    name: str
    version: int
    language: str
    sealed: bytes = field(repr=False)
    at: int


@dataclass(frozen=True, slots=True)
class Consent:
    """Who agreed to which version of a text, when and from where."""

    account_id: AccountId
    name: str
    version: int
    at: int
    address: str
