"""Access: from where, when and how people may come in; what passes between rules, store and doors.

How rules decide is policy.access; these are the values. Conditions are trees of data (policy.conditions).
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Level, Scope, is_in_force
from smartmail.domain.principal import Door, Proof

CHANNELS: Final[tuple[Door, ...]] = (
    "web", "admin", "jmap", "imap", "pop3", "smtp", "sieve", "dav", "push", "links",
)  # fmt: skip
"""The ten access protocols of accounts. The others (lmtp, cli, system) admit nobody from outside."""

PlaceClass = Literal["known", "private", "unknown"]
"""Of an address: its country is known; it is a private network's or this machine's; neither (KA-24)."""
NetworkClass = Literal["", "hosting"]
"""What a network is for, where its number says so."""
Mode = Literal["outside", "within", "anywhere"]
"""Which places a rule bites in: outside of its countries (an allow-list), within them (a deny-list), or all."""
Action = Literal["allow", "notify", "second_factor", "deny"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
"""Mildest first: among rules of the same strength the severest holds."""
Reason = Literal["geo_denied", "network_denied", "time_denied", "access_denied"]
"""As what a refusal is recorded (domain.account.LoginResult)."""
PassState = Literal["asked", "granted", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address is. `country`: two letters, "" unless the class is "known"; `asn` 0: unknown."""

    kind: PlaceClass = "unknown"
    country: str = ""
    asn: int = 0
    network: NetworkClass = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of days: `days` 0 (Monday) … 6, none: every day; minutes of the day, `until` excluded; `zone` in minutes east
    of UTC. With `until` not after `since` it goes over midnight and belongs to the day that it begins on.
    """

    since: int
    until: int
    days: tuple[int, ...] = ()
    zone: int = 540


@dataclass(frozen=True, slots=True)
class AccessRule:
    """Who may come in from where (KA-20).

    It speaks for `scope` at `channels` (none: all), inside `window` and where `condition` (policy.conditions) holds.
    `networks` (CIDR) are exceptions that it always allows. `private` says whether addresses of private networks count as
    foreign; `unknown` what a rule about countries does where none is known, at most its own action (ADR 76). With `valid_until` it is a dated exception, the
    strongest kind; `locked` and `authority` as in domain.policy.PolicyRule. Milliseconds.
    """

    scope: Scope
    action: Action = "deny"
    mode: Mode = "anywhere"
    countries: tuple[str, ...] = ()
    channels: tuple[Door, ...] = ()
    networks: tuple[str, ...] = ()
    window: Window | None = None
    condition: Any = None
    private: bool = False
    unknown: Action = "notify"
    locked: bool = False
    authority: Level | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    id: int = 0

    @property
    def dated(self) -> bool:
        """Whether it is an exception that ends by itself."""
        return self.valid_until is not None

    def in_force(self, now: int) -> bool:
        """Whether the clock lets it count."""
        return is_in_force(self.valid_from, self.valid_until, now)


@dataclass(frozen=True, slots=True)
class Login:
    """What is known of somebody at a door beside the account. `second_factor`: one was shown, or the proof is a
    credential that stands for it (app password, token, certificate); `device_known`: from a network of the account's;
    `impossible_travel`: nobody can have come here since the account's last login; `factor`: the kind that was shown at a
    page (domain.factors), "" for none.
    """

    door: Door
    address: str
    proof: Proof = ""
    second_factor: bool = False
    device_known: bool = False
    impossible_travel: bool = False
    factor: str = ""


@dataclass(frozen=True, slots=True)
class TravelPass:
    """Leave to come in from a country for some days (KA-23). `sealed_reason` is what its asker wrote.

    Granted, it is a dated exception, the rule `rule_id`; it ends by itself. Milliseconds.
    """

    id: int
    account_id: AccountId
    organization_id: OrganizationId
    country: str
    valid_from: int
    valid_until: int
    state: PassState
    asked_at: int
    sealed_reason: bytes | None = field(default=None, repr=False)
    decided_at: int | None = None
    decided_by: str = ""
    rule_id: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Where an account was before this login: `country` "" when it never was anywhere; `new`: never in this one."""

    country: str
    at: int
    new: bool


@dataclass(frozen=True, slots=True)
class CountryUse:
    """A country that an account has logged in from. Milliseconds."""

    country: str
    first_at: int
    last_at: int
