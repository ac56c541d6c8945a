"""What the `/set` methods share: one report of what was done, and errors of single objects as exceptions."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from smartmail.domain.changes import ChangeType
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, ModSeq
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, Handler, is_own
from smartmail.edge.httpd.jmap.errors import method_error, set_error
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import SetAnswer, SetArguments
from smartmail.proto.jmap.dispatch import CreatedIds
from smartmail.proto.jmap.errors import MethodError, SetError, invalid_properties
from smartmail.service.operations.expecting import expecting

S = TypeVar("S", bound=msgspec.Struct)


class Refused(Exception):
    """One object is left as it is."""

    def __init__(self, error: SetError) -> None:
        super().__init__(error.type)
        self.error = error


def refuse(*properties: str, description: str = "") -> Refused:
    """Return the refusal that names properties."""
    return Refused(invalid_properties(*properties, description=description))


def why(error: Refused | MailError) -> SetError:
    """Return the SetError of an exception."""
    return error.error if isinstance(error, Refused) else set_error(error)


@contextmanager
def in_state(
    account_id: AccountId, kind: ChangeType | None, state: str, asked: str | None, *, own: bool = True
) -> Iterator[None]:
    """Make the changes inside only if the type is still in the state that the client asked for (RFC 8620 §5.3).

    `state` is the type's now; without a kind the store keeps none that it could compare. Raises stateMismatch, also when
    somebody else was faster than the first change; objects after that which find another state are told one by one.
    """
    if asked is None:
        yield
        return
    if asked != state:
        raise MethodError("stateMismatch")
    if kind is None or not own:
        # Somebody else's account shows another state than the one that the store could compare: a change that comes
        # between this look and ours is not noticed.
        yield
        return
    with expecting(account_id, kind, ModSeq(int(state))) as expected:
        yield
    if expected is not None and expected.missed and not expected.committed:
        raise MethodError("stateMismatch")


async def implied(name: str, handler: Handler, call: Call, arguments: Any) -> tuple[str, Any]:
    """Return the further response of a call that brought along another one (RFC 8620 §5.4, RFC 8621 §7.5).

    When that fails as a whole, its error stands beside the first response: what that one tells has happened.
    """
    try:
        return name, await handler(call, arguments)
    except MailError as error:
        return "error", method_error(error).arguments()
    except MethodError as error:
        return "error", error.arguments()


@dataclass(frozen=True, slots=True)
class Acts:
    """What a type does with one object: of its properties, of its id and a patch, of its id; and how it tells errors.

    An update returns what the server changed besides, if anything.
    """

    create: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
    update: Callable[[str, dict[str, Any]], Awaitable[dict[str, Any] | None]]
    destroy: Callable[[str], Awaitable[None]]
    told: Callable[[Refused | MailError], SetError] = why


class Report:
    """Collects the outcome of a `/set`."""

    def __init__(self, created_ids: CreatedIds) -> None:
        self._created_ids = created_ids
        self.created: dict[str, Any] = {}
        self.updated: dict[str, Any] = {}
        self.destroyed: list[str] = []
        self.not_created: dict[str, SetError] = {}
        self.not_updated: dict[str, SetError] = {}
        self.not_destroyed: dict[str, SetError] = {}

    def made(self, creation_id: str, object_: dict[str, Any]) -> None:
        """Note a new object; from now on `#creation_id` means it."""
        self.created[creation_id] = object_
        self._created_ids[creation_id] = object_["id"]

    def updates(self, arguments: SetArguments) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return key as asked → (id, patch), without objects that the same call destroys (RFC 8620 §5.3)."""
        doomed = {self._created_ids.resolve(one) for one in arguments.destroy or ()}
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        for key, patch in (arguments.update or {}).items():
            target = self._created_ids.resolve(key)
            if target is None:
                self.not_updated[key] = SetError("notFound")
            elif target in doomed:
                self.not_updated[key] = SetError("willDestroy")
            else:
                found[key] = (target, patch)
        return found

    def destroys(self, arguments: SetArguments) -> dict[str, str]:
        """Return key as asked → id of what shall be destroyed."""
        found: dict[str, str] = {}
        for key in arguments.destroy or ():
            target = self._created_ids.resolve(key)
            if target is None:
                self.not_destroyed[key] = SetError("notFound")
            else:
                found[key] = target
        return found

    async def carry_out(self, arguments: SetArguments, acts: "Acts") -> None:
        """Create, update and destroy, in this order (RFC 8620 §5.3); what one object meets stops no other."""
        for key, raw in (arguments.create or {}).items():
            try:
                self.made(key, await acts.create(raw))
            except (Refused, MailError) as error:
                self.not_created[key] = acts.told(error)
        for key, (target, patch) in self.updates(arguments).items():
            try:
                self.updated[key] = await acts.update(target, patch)
            except (Refused, MailError) as error:
                self.not_updated[key] = acts.told(error)
        for key, target in self.destroys(arguments).items():
            try:
                await acts.destroy(target)
                self.destroyed.append(key)
            except (Refused, MailError) as error:
                self.not_destroyed[key] = acts.told(error)

    def answer(self, account_id: str, old_state: str | None, new_state: str) -> SetAnswer:
        """Return the answer; what is empty is null."""
        return SetAnswer(
            account_id=account_id,
            old_state=old_state,
            new_state=new_state,
            created=self.created or None,
            updated=self.updated or None,
            destroyed=self.destroyed or None,
            not_created=self.not_created or None,
            not_updated=self.not_updated or None,
            not_destroyed=self.not_destroyed or None,
        )


async def reported(
    call: Call,
    arguments: SetArguments,
    account_id: AccountId,
    state: Callable[[], Awaitable[str]],
    act: Callable[[Report], Awaitable[None]],
    kind: ChangeType | None = None,
) -> SetAnswer:
    """Answer a `/set`: `act` does it and fills the report. Raises requestTooLarge, stateMismatch (see `in_state`)."""
    call.context.limits.check_set(arguments.count())
    before, report = await state(), Report(call.created_ids)
    with in_state(account_id, kind, before, arguments.if_in_state, own=is_own(call, account_id)):
        await act(report)
    return report.answer(arguments.account_id, before, await state())


async def carried_out(
    call: Call,
    arguments: SetArguments,
    account_id: AccountId,
    state: Callable[[], Awaitable[str]],
    acts: Acts,
    kind: ChangeType | None = None,
) -> SetAnswer:
    """Answer a `/set` that does nothing but these acts."""

    async def act(report: Report) -> None:
        await report.carry_out(arguments, acts)

    return await reported(call, arguments, account_id, state, act, kind)


def converted(raw: Any, shape: type[S], missing: str) -> S:
    """Return the object of a create in its shape. Raises Refused, naming what cannot be, or else `missing`."""
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        known, text = [one.encode_name for one in msgspec.structs.fields(shape)], str(error)
        bad = [name for name in known if f"$.{name}" in text or f"`{name}`" in text]
        bad += [name for name in raw if name not in known] if isinstance(raw, dict) else []
        raise refuse(*dict.fromkeys(bad or [missing]), description=text[:200]) from None


def unsaid(made: msgspec.Struct, raw: dict[str, Any]) -> dict[str, Any]:
    """Return what the answer to a create says of a new object: all that the client did not say itself (RFC 8620 §5.3)."""
    shown = core.project(made, made.__struct_encode_fields__)
    return {name: value for name, value in shown.items() if raw.get(name, msgspec.UNSET) != value}


def numbered(letter: str, target: str) -> int:
    """Return the number of an id of that type. Raises Refused (notFound)."""
    number = ids.parse(letter, target)
    if number is None:
        raise Refused(SetError("notFound"))
    return number


def hexadecimal(target: str) -> int:
    """Return the number of an id in hexadecimal digits. Raises Refused."""
    try:
        return int(target, 16) & ((1 << 63) - 1)
    except ValueError:
        raise refuse("id") from None


def unknown_properties(given: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the names that an object does not have, so that they can be told all at once."""
    names = set(known)
    return [name for name in given if name not in names]
