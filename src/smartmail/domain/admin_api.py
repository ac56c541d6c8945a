"""What the admin API keeps: answers to repeated requests, long work, keys of programs, webhooks. Times in milliseconds."""

from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.ids import AccountId, OrganizationId

AccountOrder = Literal["id", "name", "department", "state", "used", "messages"]
FactorMark = Literal["", "none", "any", "totp", "passkey", "certificate"]
JobState = Literal["waiting", "running", "done", "failed", "cancelled"]
WebhookState = Literal["active", "paused", "stopped"]


@dataclass(frozen=True, slots=True)
class AccountMarks:
    """Which accounts of a company are listed; empty marks fit all. `words`: in name, login, department or title;
    `departments`: that they belong to; `factor`: what they prove themselves with besides the password.
    """

    words: str = ""
    state: str = ""
    kind: str = ""
    domain: str = ""
    departments: tuple[int, ...] = ()
    factor: FactorMark = ""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to a request before. `status` 0: it is still at work."""

    request_hash: bytes
    status: int
    sealed_answer: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class JobRow:
    """Long work of an administrator. `cancelling`: its end was asked for."""

    id: int
    organization_id: OrganizationId
    account_id: AccountId
    kind: str
    state: JobState
    sealed_request: bytes = field(repr=False)
    created_at: int
    done: int = 0
    total: int = 0
    sealed_result: bytes | None = field(default=None, repr=False)
    error: str = ""
    started_at: int | None = None
    ended_at: int | None = None
    cancelling: bool = False


@dataclass(frozen=True, slots=True)
class AdminKeyRow:
    """A key by which a program administers for an account: no more than `permissions`, from `networks` ("()": any)."""

    id: int
    organization_id: OrganizationId
    account_id: AccountId
    lookup: bytes = field(repr=False)
    sealed_label: bytes = field(repr=False)
    permissions: tuple[str, ...]
    networks: tuple[str, ...]
    created_at: int
    expires_at: int
    last_used_at: int | None = None


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """Where events of a company are sent. `seq`: the last link of its chain that was taken; `sealed`: address, label and
    secrets; `types`: beginnings of the names of events, none for all.
    """

    id: int
    organization_id: OrganizationId
    sealed: bytes = field(repr=False)
    types: tuple[str, ...]
    state: WebhookState
    seq: int
    next_at: int
    created_at: int
    changed_at: int
    attempts: int = 0
    failing_since: int | None = None
    last_at: int | None = None
    last_status: int = 0
