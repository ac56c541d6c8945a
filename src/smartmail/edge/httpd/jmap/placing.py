"""MailPlacing/get and set: whether one's mail from abroad lies apart (KA-33). One object, a person's own."""

from typing import Any

from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call
from smartmail.edge.httpd.jmap.object_type import SingletonType
from smartmail.edge.httpd.jmap.setting import refuse, unknown_properties
from smartmail.proto.jmap.core import SetAnswer, SetArguments
from smartmail.proto.jmap.placing import PLACING_ID, PLACING_PROPERTIES, MailPlacing


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """MailPlacing/set: there is one, which is neither made nor destroyed."""
    return await TYPE.set_(call, arguments)


async def _held(call: Call, _: AccountId) -> MailPlacing:
    wish = await call.context.services.abroad.wish(call.context.actor.account_id)
    return MailPlacing(PLACING_ID, wish.apart, wish.by == "person", wish.home)


async def _update(call: Call, _: AccountId, patch: dict[str, Any]) -> None:
    bad = unknown_properties(patch, PLACING_PROPERTIES)
    # What is said as it is changes nothing (RFC 8620 §5.3); only one property is the person's.
    held = {"id": PLACING_ID}
    bad += [name for name in patch if name in held and patch[name] != held[name]]
    bad += [name for name in ("mayChange", "homeCountries") if name in patch]
    apart = patch.get("abroadApart")
    if "abroadApart" in patch and apart is not None and not isinstance(apart, bool):
        bad.append("abroadApart")
    if bad:
        raise refuse(*bad)
    if "abroadApart" in patch:
        await call.context.services.abroad.set_wish(call.context.actor, apart=bool(apart))


TYPE = SingletonType(id=PLACING_ID, properties=lambda _: PLACING_PROPERTIES, held=_held, update=_update)
