"""Account, organisation, domain, address, credential, session."""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import AccountId, ModSeq, OrganizationId

AccountKind = Literal["person", "shared"]
AccountState = Literal["active", "closed"]


@dataclass(frozen=True, slots=True)
class Organization:
    """One tenant. Its keys are wrapped under the master key; destroying them shreds all below."""

    id: OrganizationId
    name: str
    wrapped_key: bytes
    wrapped_queue_key: bytes


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


@dataclass(frozen=True, slots=True)
class Credential:
    """A way to prove oneself: an argon2id verifier. `kind` password is the main one, app an app password."""

    id: int
    account_id: AccountId
    kind: Literal["password", "app"]
    verifier: str
    label: str
    created_at: int
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser: the token is kept as a hash only. Times in milliseconds."""

    token_hash: bytes
    account_id: AccountId
    created_at: int
    expires_at: int
    auth_epoch: int
