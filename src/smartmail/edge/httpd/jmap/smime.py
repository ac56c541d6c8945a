"""S/MIME signatures for Email/get and Email/query (RFC 9219 §4): properties and conditions, for who names the capability.

`hasSmime` and its kin become sets of messages before the query runs; results of such a query cannot be told by changes,
for a signature may stop to hold while the mail stays as it is.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec import UNSET

from smartmail.base.i18n import translate
from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, show_time
from smartmail.proto.jmap.emails import EmailFilter, EmailGetArguments
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.session import SMIME_VERIFY
from smartmail.service.flow.smime import SmimeState
from smartmail.service.mailbox.mailstore.conditions import Condition, Operator, Tree

PROPERTIES: Final = ("smimeStatus", "smimeStatusAtDelivery", "smimeErrors", "smimeVerifiedAt")
A = TypeVar("A", bound=EmailGetArguments)
_NONE: Final = SmimeState()


def parted(call: Call, arguments: A) -> tuple[A, tuple[str, ...]]:
    """Return the arguments without the properties, and which of them were asked for."""
    asked = arguments.properties
    if asked is None or SMIME_VERIFY not in call.using:
        return arguments, ()
    wanted = tuple(one for one in PROPERTIES if one in asked)
    if not wanted:
        return arguments, ()
    return msgspec.structs.replace(arguments, properties=[one for one in asked if one not in wanted]), wanted


async def tell(call: Call, account_id: AccountId, objects: Sequence[dict[str, Any]], wanted: Sequence[str]) -> None:
    """Put the asked properties into Email objects."""
    services, actor = call.context.services, call.context.actor
    numbers = {one["id"]: MessageId(ids.parse(ids.EMAIL, one["id"]) or 0) for one in objects}
    states = await services.smime.states(actor, account_id, list(numbers.values()))
    language = (await services.directory.account(actor.account_id)).language if states else ""
    for one in objects:
        shown = _show(states.get(numbers[one["id"]], _NONE), language)
        one.update({name: shown[name] for name in wanted})


def _show(state: SmimeState, language: str) -> dict[str, Any]:
    return {
        "smimeStatus": state.status,
        "smimeStatusAtDelivery": state.at_delivery,
        "smimeErrors": [translate(language, f"smime.{one}") for one in state.faults] or None,
        "smimeVerifiedAt": None if state.verified_at is None else show_time(state.verified_at),
    }


def asks(wish: EmailFilter) -> bool:
    """Whether a condition is about signatures."""
    return any(
        one is not UNSET for one in (wish.has_smime, wish.has_verified_smime, wish.has_verified_smime_at_delivery)
    )


async def tree(call: Call, account_id: AccountId, wish: EmailFilter) -> list[Tree]:
    """Return what the conditions about signatures mean to the service. Raises unsupportedFilter."""
    if not asks(wish):
        return []
    if SMIME_VERIFY not in call.using:
        raise MethodError("unsupportedFilter", f"needs {SMIME_VERIFY}")
    service, actor = call.context.services.smime, call.context.actor
    found: list[Tree] = []
    if wish.has_smime is not UNSET:
        found.append(_among(await service.signed(actor, account_id), wanted=wish.has_smime))
    if wish.has_verified_smime is not UNSET:
        verified = await service.verified(actor, account_id, at_delivery=False)
        found.append(_among(verified, wanted=wish.has_verified_smime))
    if wish.has_verified_smime_at_delivery is not UNSET:
        verified = await service.verified(actor, account_id, at_delivery=True)
        found.append(_among(verified, wanted=wish.has_verified_smime_at_delivery))
    return found


def _among(messages: frozenset[MessageId], *, wanted: bool) -> Tree:
    condition = Condition(among=messages)
    return condition if wanted else Operator("NOT", (condition,))
