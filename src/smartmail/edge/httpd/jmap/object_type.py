"""One description of a type whose objects are few and are read all at once: its methods come out of it (ADR 90).

A type says its properties, how all its objects are listed, and what creating, updating and destroying one does. Types that
page through a store (Email, Mailbox, ContactCard) have methods of their own. Must not know any single type.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec

from smartmail.domain.changes import ChangeType
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, changes_answer, changes_since, own_account_of, state_of
from smartmail.edge.httpd.jmap.setting import Acts, Refused, Report, carried_out, reported, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import ChangesAnswer, ChangesArguments, GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.errors import MethodError, SetError

Objects = Mapping[str, msgspec.Struct]
"""Id → object, in the order in which all of them are told."""


def digest(objects: object) -> str:
    """Return the state of a type of which nothing is kept."""
    return hashlib.sha256(msgspec.json.encode(objects)).hexdigest()[:16]


def digest_of_objects(every: Objects) -> str:
    """Return the state that changes with any object."""
    return digest(list(every.values()))


def never(reason: str) -> Callable[..., Awaitable[Any]]:
    """Return a verb that the type does not have: each object is told as forbidden, for that reason."""

    async def act(*_: Any) -> Any:
        raise Refused(SetError("forbidden", reason))

    return act


_NO_VERB: Final = never("this does not change here")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """A type; `get`, `changes` and `set_` are its methods.

    The state is that of `kind`, which the store keeps; or what `state` returns; or, with neither, `digest` of all objects.
    """

    shape: type[msgspec.Struct]
    every: Callable[[Call, AccountId], Awaitable[Objects]]
    create: Callable[[Call, AccountId, dict[str, Any]], Awaitable[dict[str, Any]]] = _NO_VERB
    """Returns what the server says of the new object, `id` among it."""
    update: Callable[[Call, AccountId, str, dict[str, Any]], Awaitable[dict[str, Any] | None]] = _NO_VERB
    """Gets the id and the patch; returns what the server changed besides."""
    destroy: Callable[[Call, AccountId, str], Awaitable[None]] = _NO_VERB
    told: Callable[[Refused | MailError], SetError] = why
    on_request: Sequence[str] = ()
    """Properties that are told only to who names them."""
    account: Callable[[Call, str], Awaitable[AccountId]] = own_account_of
    kind: ChangeType | None = None
    state: Callable[[Call, AccountId], Awaitable[str]] | None = None
    digest: Callable[[Objects], str] = digest_of_objects
    letter: str = ""
    """Of numbered ids; `notFound` tells what is no such id before those that are not there."""

    @property
    def properties(self) -> tuple[str, ...]:
        """What is told to who names no properties."""
        return tuple(one for one in self.shape.__struct_encode_fields__ if one not in self.on_request)

    async def get(self, call: Call, arguments: GetArguments) -> GetAnswer[Any]:
        """Answer a `/get` (RFC 8620 §5.1)."""
        account_id = await self.account(call, arguments.account_id)
        known = self.properties if arguments.properties is None else self.shape.__struct_encode_fields__
        properties = core.wanted(arguments.properties, known)
        call.context.limits.check_get(len(arguments.ids or ()))
        # A state that is kept is read first: what changes meanwhile is then told again, not missed.
        state = await self._kept_state(call, account_id)
        every = await self.every(call, account_id)
        asked = list(every) if arguments.ids is None else list(dict.fromkeys(arguments.ids))
        missing = [one for one in asked if one not in every]
        if self.letter:
            missing.sort(key=lambda one: ids.parse(self.letter, one) is not None)
        return GetAnswer(
            account_id=arguments.account_id,
            state=self.digest(every) if state is None else state,
            list=[core.project(every[one], properties) for one in asked if one in every],
            not_found=missing,
        )

    async def changes(self, call: Call, arguments: ChangesArguments) -> ChangesAnswer:
        """Answer a `/changes` (RFC 8620 §5.2); where no changes are kept, only for the state that is."""
        account_id = await self.account(call, arguments.account_id)
        if self.kind is not None:
            return changes_answer(arguments, await changes_since(call, arguments, account_id, self.kind), self.letter)
        state = await self._state(call, account_id)
        if arguments.since_state != state:
            raise MethodError("cannotCalculateChanges")
        return ChangesAnswer(account_id=arguments.account_id, old_state=state, new_state=state, has_more_changes=False)

    async def set_(self, call: Call, arguments: SetArguments) -> SetAnswer:
        """Answer a `/set` (RFC 8620 §5.3)."""
        account_id = await self.account(call, arguments.account_id)
        acts = Acts(
            partial(self.create, call, account_id),
            partial(self.update, call, account_id),
            partial(self.destroy, call, account_id),
            self.told,
        )
        state = partial(self._state, call, account_id)
        return await carried_out(call, arguments, account_id, state, acts, self.kind)

    async def _state(self, call: Call, account_id: AccountId) -> str:
        state = await self._kept_state(call, account_id)
        return self.digest(await self.every(call, account_id)) if state is None else state

    async def _kept_state(self, call: Call, account_id: AccountId) -> str | None:
        if self.kind is not None:
            return await state_of(call, account_id, self.kind)
        return None if self.state is None else await self.state(call, account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SingletonType:
    """A type with one object, which is neither made nor destroyed; `get` and `set_` are its methods.

    `properties` may depend on what the client names in `using`. The state is what `state` returns, or a digest of the object.
    """

    id: str
    properties: Callable[[Call], Sequence[str]]
    held: Callable[[Call, AccountId], Awaitable[msgspec.Struct]]
    update: Callable[[Call, AccountId, dict[str, Any]], Awaitable[None]]
    state: Callable[[Call, AccountId], Awaitable[str]] | None = None

    async def get(self, call: Call, arguments: GetArguments) -> GetAnswer[Any]:
        """Answer a `/get` (RFC 8620 §5.1)."""
        account_id = await own_account_of(call, arguments.account_id)
        properties = core.wanted(arguments.properties, self.properties(call))
        call.context.limits.check_get(len(arguments.ids or ()))
        kept = None if self.state is None else await self.state(call, account_id)
        held = await self.held(call, account_id)
        asked = dict.fromkeys([self.id] if arguments.ids is None else arguments.ids)
        return GetAnswer(
            account_id=arguments.account_id,
            state=digest(held) if kept is None else kept,
            list=[core.project(held, properties)] if self.id in asked else [],
            not_found=[one for one in asked if one != self.id],
        )

    async def set_(self, call: Call, arguments: SetArguments) -> SetAnswer:
        """Answer a `/set` (RFC 8620 §5.3)."""
        account_id = await own_account_of(call, arguments.account_id)
        # Nothing is destroyed, so nothing is left alone because it will be.
        changing = msgspec.structs.replace(arguments, create=None, destroy=None)
        acts = Acts(_NO_VERB, partial(self._update, call, account_id), _NO_VERB)

        async def act(report: Report) -> None:
            report.not_created = dict.fromkeys(arguments.create or (), SetError("singleton"))
            await report.carry_out(changing, acts)
            for key in arguments.destroy or ():
                report.not_destroyed[key] = SetError("singleton" if key == self.id else "notFound")

        return await reported(call, arguments, account_id, partial(self._state, call, account_id), act)

    async def _update(self, call: Call, account_id: AccountId, target: str, patch: dict[str, Any]) -> None:
        if target != self.id:
            raise Refused(SetError("notFound"))
        await self.update(call, account_id, patch)

    async def _state(self, call: Call, account_id: AccountId) -> str:
        if self.state is not None:
            return await self.state(call, account_id)
        return digest(await self.held(call, account_id))
