"""What every method gets beside its arguments, and the steps that all of them share."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from smartmail.domain.changes import Changes, ChangeType
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, ModSeq
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.errors import method_error
from smartmail.proto.jmap import dispatch
from smartmail.proto.jmap.core import ChangesAnswer, ChangesArguments
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.limits import Limits
from smartmail.service.catalogue import Services

MAX_ANSWERED = 64 << 20
"""Octets of body values in all answers to one request; what goes beyond is told as truncated."""
MAX_TOLD = 96 << 20
"""Octets of whole messages as JSON in all answers to one request, and of header fields looked at for them."""
CHANGING = frozenset("swixtekpa")
"""Rights (RFC 4314) without which an account of somebody else is read only."""
MAX_CHANGES = 1_000
"""Changes told at once when the client names no bound of its own."""


@dataclass(slots=True)
class Budget:
    """Octets that answers to one request may still hold: a thousand bodies at once must not fill the memory."""

    left: int = MAX_ANSWERED
    told: int = MAX_TOLD

    def tell(self, octets: int) -> None:
        """Count what is told beside body values. Raises requestTooLarge, before the rest of it is made."""
        self.told -= octets
        if self.told < 0:
            raise MethodError("requestTooLarge", "too much is asked of these messages; ask for fewer at once")


@dataclass(frozen=True, slots=True)
class Context:
    """Who calls, and what the server offers; one for each request."""

    actor: Actor
    services: Services
    limits: Limits
    budget: Budget = field(default_factory=Budget)


Call = dispatch.Call[Context]
Handler = Callable[[Call, Any], Awaitable[dispatch.Result]]


def guarded(handler: Handler) -> Handler:
    """Turn errors of services into errors of the call."""

    async def run(call: Call, arguments: Any) -> dispatch.Result:
        try:
            return await handler(call, arguments)
        except MailError as error:
            raise method_error(error) from error

    return run


async def account_of(call: Call, account_id: str) -> AccountId:
    """Return the account that a call is about. Raises accountNotFound for any that the actor cannot reach."""
    number = ids.parse(ids.ACCOUNT, account_id)
    if number is None:
        raise MethodError("accountNotFound")
    try:
        await call.context.services.rights.access(call.context.actor, AccountId(number))
    except NotFound:
        raise MethodError("accountNotFound") from None
    return AccountId(number)


async def changing_account_of(call: Call, account_id: str) -> AccountId:
    """Return an account in which the actor may change something. Raises accountNotFound, accountReadOnly."""
    number = await account_of(call, account_id)
    access = await call.context.services.rights.access(call.context.actor, number)
    if not access.anywhere() & CHANGING:
        raise MethodError("accountReadOnly")
    return number


async def own_account_of(call: Call, account_id: str) -> AccountId:
    """Return the actor's own account. Raises accountNotFound; accountNotSupportedByMethod for what is never shared."""
    number = await account_of(call, account_id)
    if number != call.context.actor.account_id:
        raise MethodError("accountNotSupportedByMethod")
    return number


def is_own(call: Call, account_id: AccountId) -> bool:
    """Say whether an account is the actor's own."""
    return account_id == call.context.actor.account_id


def numbers(letter: str, texts: Iterable[str]) -> tuple[dict[int, str], list[str]]:
    """Return (number → id as asked, ids that are none of that type), each once."""
    found: dict[int, str] = {}
    bad: list[str] = []
    for text in dict.fromkeys(texts):
        number = ids.parse(letter, text)
        if number is None:
            bad.append(text)
        else:
            found[number] = text
    return found, bad


async def state_of(call: Call, account_id: AccountId, kind: ChangeType) -> str:
    """Return a type's state: the highest modseq among its changes."""
    return str(await call.context.services.reading.state(call.context.actor, account_id, kind))


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed, as ids, and the answer without them."""

    created: Sequence[int]
    updated: Sequence[int]
    destroyed: Sequence[int]
    until: ModSeq
    more: bool


async def changes_since(call: Call, arguments: ChangesArguments, account_id: AccountId, kind: ChangeType) -> Changed:
    """Return the changes of a kind. Raises cannotCalculateChanges."""
    reading = call.context.services.reading
    return await changed_by(arguments, partial(reading.changes, call.context.actor, account_id, kind))


async def changed_by(arguments: ChangesArguments, read: Callable[[ModSeq, int], Awaitable[Changes | None]]) -> Changed:
    """Return the changes that `read` finds after a state, so many at most. Raises cannotCalculateChanges."""
    since = arguments.since_state
    if not (since.isascii() and since.isdigit() and len(since) < 19):
        raise MethodError("cannotCalculateChanges")
    limit = arguments.max_changes if arguments.max_changes is not None else MAX_CHANGES
    limit = min(limit, MAX_CHANGES)
    found = await read(ModSeq(int(since)), limit)
    if found is None:
        raise MethodError("cannotCalculateChanges")
    count = len(found.created) + len(found.updated) + len(found.destroyed)
    if arguments.max_changes is not None and count > arguments.max_changes:
        # One transaction is told whole or not at all: between its halves there is no state to come back to.
        raise MethodError("cannotCalculateChanges")
    return Changed(found.created, found.updated, found.destroyed, found.until, found.more)


def with_updated(arguments: ChangesArguments, changed: Changed, more: Iterable[int]) -> Changed:
    """Return the changes with further updated objects. Raises cannotCalculateChanges when they are then too many."""
    known = {*changed.created, *changed.updated, *changed.destroyed}
    extra = [one for one in more if one not in known]
    if arguments.max_changes is not None and len(known) + len(extra) > arguments.max_changes:
        raise MethodError("cannotCalculateChanges")
    return replace(changed, updated=[*changed.updated, *extra])


def changes_answer(arguments: ChangesArguments, changed: Changed, letter: str, **extra: Any) -> ChangesAnswer:
    """Return the answer of a `/changes`."""
    return ChangesAnswer(
        account_id=arguments.account_id,
        old_state=arguments.since_state,
        new_state=str(changed.until),
        has_more_changes=changed.more,
        created=[ids.show(letter, one) for one in changed.created],
        updated=[ids.show(letter, one) for one in changed.updated],
        destroyed=[ids.show(letter, one) for one in changed.destroyed],
        **extra,
    )


def show_time(milliseconds: int) -> str:
    """Return a UTCDate (RFC 8620 §1.4), seconds exact."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> int:
    """Return milliseconds of a UTCDate. Raises invalidArguments for a day that does not exist."""
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise MethodError("invalidArguments", "not a date") from None
