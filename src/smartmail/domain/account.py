"""Account, organisation, domain, address, credential, session; what an account may in which state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.domain.ids import AccountId, MessageId, ModSeq, OrganizationId

AccountKind = Literal["person", "shared", "resource"]
AccountState = Literal["pending", "active", "suspended", "dormant", "leaving", "closed"]
"""대기 · 정상 · 일시정지 · 휴면 · 퇴직(삭제대기), and what is left of an account for ever (BR-1)."""
Faculty = Literal["login", "receive", "send", "forward", "shown", "counted"]
"""Something that an account can: let its person in by any door, get mail, send (also what was planned), forward by
rules, be shown in the directory, count where groups, departments and lists stand for their people.
"""
STATES: Final[Mapping[AccountState, frozenset[Faculty]]] = {
    "pending": frozenset({"receive"}),
    "active": frozenset({"login", "receive", "send", "forward", "shown", "counted"}),
    # Whoever is suspended gets nothing done, not even by rules that were written before; mail waits for them.
    "suspended": frozenset({"receive", "shown", "counted"}),
    "dormant": frozenset({"receive", "forward", "shown", "counted"}),
    "leaving": frozenset(),
    "closed": frozenset(),
}
"""The one table: everybody who wants to know asks `Account.may` or `states_with`."""


def states_with(faculty: Faculty) -> tuple[AccountState, ...]:
    """Return the states in which an account can do something."""
    return tuple(state for state, can in STATES.items() if faculty in can)


@dataclass(frozen=True, slots=True)
class Organization:
    """One tenant. Its keys are wrapped under the master key; destroying them shreds all below."""

    id: OrganizationId
    name: str
    wrapped_key: bytes
    wrapped_queue_key: bytes
    state: Literal["active", "closed"] = "active"


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A DNS domain whose mail an organisation receives, in its A-label form, lower case."""

    name: str
    organization_id: OrganizationId
    state: Literal["active", "closed"] = "active"


@dataclass(frozen=True, slots=True)
class Account:
    """A collection of data addressed by id. `modseq` is that of its newest change; sizes in octets.

    `quota` is None when there is no limit; `horizon` is the modseq below which changes cannot be told any more.
    `ends_at`: the moment (milliseconds) from which a temporary account is dead, without anything being done to it.
    """

    id: AccountId
    organization_id: OrganizationId
    kind: AccountKind
    state: AccountState
    login: str
    name: str
    language: str
    is_admin: bool
    wrapped_key: bytes
    modseq: ModSeq
    horizon: ModSeq
    quota: int | None
    used: int
    messages: int
    auth_epoch: int
    department: str = ""
    title: str = ""
    department_id: int = 0
    ends_at: int | None = None

    def may(self, faculty: Faculty, now: int = 0) -> bool:
        """Say whether its state, and at `now` its end, lets it do something."""
        return faculty in STATES[self.state] and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is needed to make an account; the store gives it its id."""

    organization_id: OrganizationId
    kind: AccountKind
    login: str
    name: str
    language: str
    is_admin: bool
    quota: int | None
    department: str = ""
    title: str = ""


CredentialKind = Literal["password", "app", "token", "certificate"]


@dataclass(frozen=True, slots=True)
class Credential:
    """A way to prove oneself. `kind` password is the main one (an argon2id verifier), app a generated password (SCRAM
    keys), token an access token and certificate a client's TLS certificate: these two are found by `lookup`, a SHA-256.

    Empty `doors` mean every client door, empty `networks` every address, no `expires_at` for ever. Milliseconds.
    `sealed_hash`: the main password's hash as another system made it, until its owner logs in; `verifier` is empty then.
    """

    id: int
    account_id: AccountId
    kind: CredentialKind
    verifier: str = field(repr=False)
    created_at: int
    expires_at: int | None = None
    sealed_label: bytes | None = field(default=None, repr=False)
    lookup: bytes | None = field(default=None, repr=False)
    doors: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    last_used_at: int | None = None
    last_used_door: str = ""
    last_used_address: str = ""
    sealed_hash: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser: the token is kept as a hash only. Times in milliseconds."""

    token_hash: bytes
    account_id: AccountId
    created_at: int
    expires_at: int
    auth_epoch: int
    last_seen_at: int = 0
    address: str = ""
    sealed_device: bytes | None = field(default=None, repr=False)
    factor: str = ""
    proved_at: int = 0


LoginResult = Literal[
    "ok", "nobody", "wrong_secret", "account_closed", "door_closed", "app_password_needed", "wrong_door",
    "wrong_network", "expired", "geo_denied", "network_denied", "time_denied", "access_denied", "second_factor_needed",
    "wrong_factor", "password_expired", "consent_needed", "locked",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """One knock on a door. `account_id` is None when the name was nobody's; the name typed is never kept.
    `country`: where the address lay, two letters, "" unknown.
    """

    at: int
    account_id: AccountId | None
    credential_id: int | None
    door: str
    address: str
    result: LoginResult
    id: int = 0
    country: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """People to whom the same policy goes. Where two groups disagree, the greater `priority` decides."""

    id: int
    organization_id: OrganizationId
    name: str
    priority: int


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold on one message, or on everything of the account (`message_id` 0). `matter` names the case."""

    account_id: AccountId
    message_id: MessageId
    matter: str
    at: int
    actor: str
