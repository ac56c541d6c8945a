"""Leak prevention (내부정보유출방지): the values that pass between leak rules, what is known of a letter, and what follows.

How rules decide is policy.leaks, how a letter is read service.protection.leaks. Conditions are trees of data
(policy.leak_conditions). Must not know how a text is searched (formats.leaks), nor what an exit does with a verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Level, Scope, is_in_force

Exit = Literal[
    "web", "smtp", "jmap", "api", "redirect", "vacation", "list", "planned", "link", "secure", "relay", "shared_draft",
]  # fmt: skip
"""By what way a letter leaves who wrote it."""
EXITS: Final[tuple[Exit, ...]] = get_args(Exit)

Direction = Literal["out", "internal"]
"""Of a rule: mail to a recipient in no domain of ours, mail between people of ours."""
Stage = Literal["log", "on"]
"""`log`: its matches are recorded, nothing else follows."""

ActionKind = Literal[
    "pass", "log", "copy", "review", "warn", "mask", "encrypt", "strip", "link", "secure", "delay", "approve", "block",
]  # fmt: skip
"""What a rule asks for, mildest first: among rules that match the severest holds.

`pass` (dated exceptions only): weaker rules are not heard · `log`: recorded · `copy`: an auditor gets a copy ·
`review`: it leaves, and an approver decides afterwards (사후승인) · `warn`: the
sender has to say why · `mask`: what was found is masked in the text · `encrypt`: attachments are encrypted · `strip`:
attachments are taken out · `link`: attachments become links · `secure`: it leaves as secure mail · `delay`: it waits some
minutes, in which its sender may cancel it · `approve`: it waits for an approval · `block`: it does not leave.
"""
ACTIONS: Final[tuple[ActionKind, ...]] = get_args(ActionKind)
IncidentAction = ActionKind | Literal["object"]
"""What was done with a letter; `object`: who reviewed it after it left objected."""
SEVERITY: Final[Mapping[ActionKind, int]] = {kind: number for number, kind in enumerate(ACTIONS)}

CHANGING: Final = frozenset[ActionKind]({"copy", "mask", "encrypt", "strip", "link", "secure"})
"""Actions by which something else happens to a letter than that it waits or does not leave."""

RecipientClass = Literal["inside", "group", "outside", "free"]
"""Of a recipient: the sender's own company (사내), another one of this installation (그룹사), anybody else, anybody else at a
provider that gives mailboxes to everybody (프리메일). Partners (협력사) are domains that a rule lists.
"""
Confidence = Literal["low", "medium", "high"]
CONFIDENCES: Final[tuple[Confidence, ...]] = get_args(Confidence)

Outcome = Literal["matched", "excepted", "silent", "not in force", "other direction", "other exit"]
"""What became of a rule: it matched; it matched and an exception voids it; its condition does not hold; it does not apply."""

ReviewState = Literal["open", "reviewed", "false_positive"]
"""What an officer made of an incident."""


@dataclass(frozen=True, slots=True)
class LeakAction:
    """What a rule asks for. `line`: the approval line (결재선) that decides, before or afterwards, "" the administrators; `minutes` of a delay;
    `address` of the auditor who gets a copy.
    """

    kind: ActionKind
    line: str = ""
    minutes: int = 0
    address: str = ""


@dataclass(frozen=True, slots=True)
class LeakRule:
    """Which letters must not leave as they are. Rules are never edited: they end and others begin.

    It speaks for mail of `scope`, in a `direction`, by `exits` (none: all), where `condition` holds. `message` is what the
    sender is told, "" for the words of the house. `priority`: which of equally severe rules is named, the least first.
    With `valid_until` it is a dated exception; `locked` and `authority` as in domain.policy.PolicyRule: no exception of
    less authority voids a locked rule. Milliseconds.
    """

    scope: Scope
    name: str
    condition: Any
    actions: tuple[LeakAction, ...]
    direction: Direction = "out"
    exits: tuple[Exit, ...] = ()
    priority: int = 100
    stage: Stage = "log"
    message: str = ""
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
class LeakRevision:
    """One change of the policy that began or ended leak rules."""

    epoch: int
    at: int
    actor: str
    action: str
    begun: tuple[LeakRule, ...] = ()
    ended: tuple[LeakRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding and where it is: "subject", "body", "name:FILE" or "file:FILE". `value` is the plain value: for who
    compares, never for who is told.
    """

    detector: str
    confidence: Confidence
    masked: str
    place: str
    value: str = field(default="", repr=False)
    weight: int = 1


@dataclass(frozen=True, slots=True)
class FileFacts:
    """An attachment: `kind` is what its content is ("" unknown), `extension` of its name in lower case without a dot.

    `inside`: it lies in an attachment, at any depth. `problem` says why it could not be looked into (ports.extraction.ExtractedText), "" when it could.
    """

    name: str
    kind: str
    extension: str
    octets: int
    mismatch: bool = False
    encrypted: bool = False
    problem: str = ""
    labels: tuple[str, ...] = ()
    inside: bool = False


@dataclass(frozen=True, slots=True)
class LeakFacts:
    """Everything that a leak rule may depend on. `now` in milliseconds; `scopes` of the sender as in policy.deciding.

    `classes` and `domains` are those of the recipients, each once; `first_domains` those to which the sender never wrote,
    `company_first_domains` those to which nobody of the sender's company did.
    """

    now: int
    scopes: Mapping[Scope, int]
    exit: Exit
    recipients: int
    outside: int
    classes: frozenset[RecipientClass]
    domains: frozenset[str]
    octets: int = 0
    hits: tuple[Hit, ...] = ()
    files: tuple[FileFacts, ...] = ()
    unread: str = ""
    """Why the letter itself could not be looked into, "" when it could."""
    label: str = ""
    first_domains: frozenset[str] = frozenset()
    company_first_domains: frozenset[str] = frozenset()
    holiday: bool = False
    machine: bool = False
    automatic: bool = False

    @property
    def uninspectable(self) -> bool:
        """Whether a part of it could not be looked into (검사불가)."""
        return bool(self.unread) or any(one.problem for one in self.files)


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one rule. `held`, `failed`: leaves of its condition that hold and that do not, in words."""

    rule_id: int
    name: str
    stage: Stage
    outcome: Outcome
    held: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What a rule in stage `on` wants to be done with a letter before it leaves (`CHANGING`), and what it found. `excepted`: detector
    and value of what does not count for it.
    """

    rule_id: int
    kinds: frozenset[ActionKind]
    hits: tuple[Hit, ...] = ()
    excepted: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class LeakVerdict:
    """What holds for one letter and why. `action` None: it leaves as it is; `rule` is the one that is named (None: it is held
    because it could not be looked into). `actions`: all that rules in stage `on` ask for, severest first. `tried`: every
    rule about the sender, in the order of priority and id. `hits`: what matching rules found; `changes`: what those want that
    ask for more than waiting.
    """

    epoch: int
    action: LeakAction | None = None
    rule: LeakRule | None = None
    actions: tuple[LeakAction, ...] = ()
    tried: tuple[Tried, ...] = ()
    hits: tuple[Hit, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def matched(self) -> tuple[Tried, ...]:
        """The rules that matched, also those that only log."""
        return tuple(one for one in self.tried if one.outcome == "matched")

    def wants(self, kind: ActionKind) -> LeakAction | None:
        """Return the first action of a kind that is asked for."""
        return next((one for one in self.actions if one.kind == kind), None)


NOTHING: Final = LeakVerdict(0)


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A letter that matched, as the store keeps it. `sealed` holds what an officer sees (masked), `sealed_values` the
    plain values, for who may unmask. `rule_id` 0: it could not be looked into. Milliseconds.
    """

    id: int
    organization_id: OrganizationId
    account_id: AccountId
    at: int
    exit: Exit
    action: IncidentAction
    rule_id: int
    epoch: int
    state: ReviewState
    sealed: bytes = field(repr=False)
    sealed_values: bytes | None = field(default=None, repr=False)
    reviewed_by: str = ""


@dataclass(frozen=True, slots=True)
class LeakExceptionRow:
    """A value that a leak rule does not count for a company from `at` to `until_at`, as the store keeps it: `mark` tells the rule
    (policy.leaks.mark_of), `fingerprint` is a keyed hash of rule and value. `ended_at`: ended before its time. Milliseconds.
    """

    id: int
    organization_id: OrganizationId
    incident_id: int
    rule_id: int
    mark: bytes
    fingerprint: bytes = field(repr=False)
    at: int
    until_at: int
    made_by: str
    sealed: bytes = field(repr=False)
    ended_at: int | None = None
    ended_by: str = ""

    def in_force(self, now: int) -> bool:
        """Whether it counts."""
        return self.ended_at is None and now < self.until_at


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """Which incidents of a company are wanted, newest first; what is empty asks for nothing. `rule_id` -1: of any rule;
    `before`: those with a smaller id (0: from the newest). Milliseconds, `until` excluded.
    """

    account_id: int = 0
    rule_id: int = -1
    action: str = ""
    state: str = ""
    since: int = 0
    until: int = 1 << 62
    before: int = 0
    limit: int = 100
    exit: str = ""
