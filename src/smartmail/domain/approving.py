"""Approval of outgoing mail (승인메일): approval lines (결재선), and the states that one mail goes through.

STATES     draft → waiting (step 1 … n) → approved | rejected | expired | withdrawn | released; held: nobody was found who
           may decide, which ends as soon as one is. What is not in this table raises.
SOURCES    KB-10 to KB-12. A line with `afterwards` (사후승인) sends at once and is decided later.
Pure: who a step names is found by service.flow.approvals.finding, times are the caller's. Must not know queue nor store.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from smartmail.domain.addressing import ApprovalState
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId

WhoKind = Literal["manager", "post", "people", "group", "administrators", "external", "sender"]
"""`manager`: of the sender's department, `levels` up the tree. `external`: another system decides by the API (전자결재). `sender`: who
sent it looks at the recipients once more; nobody acts in their right.
"""
Verdict = Literal["approve", "reject", "keep"]
"""What becomes of a step whose time is over; `keep`: it goes on waiting."""
Act = Literal[
    "ask", "find", "miss", "approve", "reject", "escalate", "expire", "pass", "keep", "withdraw", "release", "refuse"
]
"""What is written in the history: `find` and `miss`, that approvers were found or not; `pass`: approved by time; `release` and
`refuse` are an administrator's.
"""
MAX_STEPS: Final = 10
"""Of a line as it is written; the sender's look at the recipients comes before them."""
MAX_PEOPLE: Final = 100
OPEN: Final[frozenset[str]] = frozenset({"waiting", "held"})
SENT: Final[frozenset[str]] = frozenset({"approved", "released"})
_Hours = Annotated[int, Meta(ge=0, le=1_000)]


class Who(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who decides in a step. `duty` ("": the highest of the department) names the duty of a manager; `post` is its account."""

    kind: WhoKind
    levels: Annotated[int, Meta(ge=1, le=32)] = 1
    duty: Annotated[str, Meta(max_length=100)] = ""
    post: int = 0
    people: Annotated[tuple[int, ...], Meta(max_length=MAX_PEOPLE)] = ()
    group: int = 0
    system: Annotated[str, Meta(max_length=100)] = ""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step. `need`: the first who decides, all, or so many of them. Hours are working hours, or hours of the clock where the
    line says so; 0: never. `escalate`: to whom after `escalate_after`, None: the next level of managers, else who the next step names.
    """

    who: Who
    need: Literal["any", "all"] | Annotated[int, Meta(ge=1, le=MAX_PEOPLE)] = "any"
    escalate_after: _Hours = 4
    decide_after: _Hours = 16
    at_end: Verdict = "reject"
    escalate: Who | None = None


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """An approval line: its steps, one after the other. `afterwards`: sent at once, decided later; only such a line lets
    people decide on their own mail. `clock`: its hours are those of the clock, nights and holidays too. `hide_subject`: letters to
    approvers do not tell it.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=MAX_STEPS + 1)]
    afterwards: bool = False
    clock: bool = False
    hide_subject: bool = False


@dataclass(frozen=True, slots=True)
class LineRow:
    """An approval line as the store keeps it; `ended_at` None: in force. Times in milliseconds."""

    id: int
    organization_id: OrganizationId
    name: str
    line: str
    created_at: int
    ended_at: int | None
    author: str


@dataclass(frozen=True, slots=True)
class Deputy:
    """위임: one person who decides with the rights of another from a time to a time. Times in milliseconds."""

    account_id: AccountId
    organization_id: OrganizationId
    deputy_id: AccountId
    since: int
    until: int

    def acts(self, now: int) -> bool:
        """Say whether they may act now."""
        return self.since <= now < self.until


@dataclass(frozen=True, slots=True)
class ActRow:
    """One line of the history of an approval. `account_id`: in whose right, 0 for nobody's; `by_id`: who did it, another person
    where it is a deputy; `actor`: the same as the audit names it. `sealed`: comment and document number.
    """

    approval_id: int
    number: int
    at: int
    step: int
    act: Act
    account_id: AccountId
    by_id: AccountId
    actor: str
    sealed: bytes


class ActText(msgspec.Struct, frozen=True, array_like=True):
    """What was typed with an act, and the document of another system that it follows."""

    comment: str = ""
    system: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Approver:
    """A person who may decide in a step; `above`: because it was escalated to them."""

    approval_id: int
    step: int
    account_id: AccountId
    above: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """A decision. `account_id`: in whose right, 0 for a system outside; `by_id`: who decided."""

    account_id: AccountId
    approve: bool
    by_id: AccountId


@dataclass(frozen=True, slots=True)
class Course:
    """How far an approval is. `approvers`, `above` and `votes` are those of the step."""

    line: Line
    state: ApprovalState | Literal["draft"] = "draft"
    step: int = 0
    approvers: frozenset[AccountId] = frozenset()
    above: frozenset[AccountId] = frozenset()
    votes: tuple[Vote, ...] = ()
    escalated: bool = False

    @property
    def now(self) -> Step:
        """The step that it is at."""
        return self.line.steps[self.step]

    @property
    def asks_sender(self) -> bool:
        """Whether the step that it is at waits for who sent the mail."""
        return self.now.who.kind == "sender"

    @property
    def needed(self) -> int:
        """How many have to say yes in this step."""
        need = self.now.need
        return 1 if need == "any" else max(1, len(self.approvers)) if need == "all" else need


def sender_first(line: Line | None, hours: int) -> Line:
    """Return a line in which the sender looks at the recipients first, for so many hours; None: nobody else is asked.

    A line that sends first holds nothing that the sender could look at.
    """
    step = Step(Who("sender"), escalate_after=0, decide_after=hours)
    if line is None:
        return Line("misdelivery", (step,), clock=True)
    return line if line.afterwards else msgspec.structs.replace(line, steps=(step, *line.steps))


def check(line: Line) -> None:
    """Raise Invalid for a line that nobody can go through as it is written."""
    for number, step in enumerate(line.steps, 1):
        for who in (step.who, *(() if step.escalate is None else (step.escalate,))):
            empty = {"post": not who.post, "people": not who.people, "group": not who.group, "external": not who.system}
            if empty.get(who.kind):
                raise Invalid(f"step {number} names nobody", reason="approval.nobody", step=number)
        if step.who.kind == "people" and isinstance(step.need, int) and step.need > len(set(step.who.people)):
            raise Invalid(f"step {number} needs more votes than it has people", reason="approval.votes", step=number)
        if step.decide_after and step.escalate_after >= step.decide_after:
            raise Invalid(f"step {number} ends before it is escalated", reason="approval.hours", step=number)


def found(course: Course, approvers: frozenset[AccountId]) -> Course:
    """Return the course with the people of its step as they are now, when it is asked and whenever they change.

    draft | waiting | held → waiting, or held where there are too few for the step. Votes of who left stay.
    """
    if course.state != "draft":
        _open(course)
    people = approvers | {one.account_id for one in course.votes if one.account_id}
    enough = bool(approvers) and (not isinstance(course.now.need, int) or len(people) >= course.now.need)
    reachable = enough or course.now.who.kind == "external" or bool(course.above)
    return replace(course, approvers=people, state="waiting" if reachable else "held")


def voted(course: Course, vote: Vote) -> Course:
    """Return the course after a decision: the same step, the next one (held until its people are found), or the end.

    The same decision again changes nothing. One above, because it was escalated to them, decides the step alone.
    Raises AlreadyExists (it is over, or they decided otherwise), Forbidden (not theirs), StateMismatch (held).
    """
    _open(course)
    if vote in course.votes:
        return course
    if course.state == "held":
        raise StateMismatch("nobody may decide here but an administrator", reason="approval.held")
    if any(one.account_id == vote.account_id for one in course.votes):
        raise AlreadyExists("this was decided in their right already", reason="approval.voted")
    outside = course.now.who.kind == "external" and not vote.account_id
    above = vote.account_id in course.above
    if not (outside or above or vote.account_id in course.approvers):
        raise Forbidden("this is for others to decide", reason="approval.others")
    after = replace(course, votes=(*course.votes, vote))
    yes = sum(one.approve for one in after.votes)
    if vote.approve and (outside or above or yes >= after.needed):
        return _passed(after)
    first = course.now.need == "any" or outside or above
    left = len(after.approvers) - len(after.votes)
    if not vote.approve and (first or yes + left < after.needed):
        return replace(after, state="rejected")
    return after


def _passed(course: Course) -> Course:
    if course.step + 1 < len(course.line.steps):
        return Course(course.line, "held", course.step + 1)
    return replace(course, state="approved")


def escalated(course: Course, above: frozenset[AccountId]) -> Course:
    """Return the course after its first time is over. Once a step. Raises AlreadyExists (over or escalated)."""
    _open(course)
    if course.escalated:
        raise AlreadyExists("it was escalated already", reason="consent.over")
    state: ApprovalState = "waiting" if above or course.state == "waiting" else "held"
    return replace(course, above=above, escalated=True, state=state)


def timed_out(course: Course) -> Course:
    """Return the course after the time of its step is over; `keep` changes nothing. Nobody to decide is never a yes: what is
    held ends as expired. Mail that was sent first and is not decided on by time goes on waiting: there is nothing to reject.
    Raises AlreadyExists (it is over).
    """
    _open(course)
    verdict = course.now.at_end
    if verdict == "keep" or (course.line.afterwards and not (verdict == "approve" and course.state == "waiting")):
        return course
    if verdict == "approve" and course.state == "waiting":
        return _passed(course)
    return replace(course, state="expired")


def withdrawn(course: Course) -> Course:
    """Return the course after the sender took the mail back. Raises AlreadyExists (it is over), StateMismatch (it is sent)."""
    _open(course)
    if course.line.afterwards:
        raise StateMismatch("the mail was sent already", reason="approval.sent")
    return replace(course, state="withdrawn")


def ruled(course: Course, *, release: bool) -> Course:
    """Return the course after an administrator let the mail go, or ended it. Raises AlreadyExists (it is over)."""
    _open(course)
    return replace(course, state="released" if release else "rejected")


def hold_of(before: Course, after: Course) -> Literal["release", "remove", ""]:
    """Return what a change does to the held mail: nothing where the line sends first."""
    if after.line.afterwards or after.state in OPEN or before.state not in OPEN:
        return ""
    return "release" if after.state in SENT else "remove"


def _open(course: Course) -> None:
    if course.state not in OPEN:
        raise AlreadyExists("somebody has decided already", reason="consent.over")
