"""MailPlacing/get and set: whether one's mail from abroad lies apart (KA-33). One object, a person's own."""

from typing import Any

from smartmail.domain.errors import MailError
from smartmail.edge.httpd.jmap.context import Call, own_account_of
from smartmail.edge.httpd.jmap.credentials import digest
from smartmail.edge.httpd.jmap.setting import Refused, Report, refuse, unknown_properties, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.placing import PLACING_ID, PLACING_PROPERTIES, MailPlacing


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """MailPlacing/get."""
    await own_account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, PLACING_PROPERTIES)
    call.context.limits.check_get(len(arguments.ids or ()))
    held = await _held(call)
    asked = dict.fromkeys([PLACING_ID] if arguments.ids is None else arguments.ids)
    return GetAnswer(
        account_id=arguments.account_id,
        state=digest(held),
        list=[core.project(held, properties)] if PLACING_ID in asked else [],
        not_found=[one for one in asked if one != PLACING_ID],
    )


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """MailPlacing/set: there is one, which is neither made nor destroyed."""
    await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before = digest(await _held(call))
    if arguments.if_in_state not in {None, before}:
        raise MethodError("stateMismatch")
    report = Report(call.created_ids)
    report.not_created = dict.fromkeys(arguments.create or (), SetError("singleton"))
    for target, patch in (arguments.update or {}).items():
        try:
            await _update(call, target, patch)
            report.updated[target] = None
        except (Refused, MailError) as error:
            report.not_updated[target] = why(error)
    for key in arguments.destroy or ():
        report.not_destroyed[key] = SetError("singleton" if key == PLACING_ID else "notFound")
    return report.answer(arguments.account_id, before, digest(await _held(call)))


async def _held(call: Call) -> MailPlacing:
    wish = await call.context.services.abroad.wish(call.context.actor.account_id)
    return MailPlacing(PLACING_ID, wish.apart, wish.by == "person", wish.home)


async def _update(call: Call, target: str, patch: Any) -> None:
    if target != PLACING_ID:
        raise Refused(SetError("notFound"))
    if not isinstance(patch, dict):
        raise Refused(SetError("invalidPatch"))
    bad = unknown_properties(patch, PLACING_PROPERTIES)
    # What is said as it is changes nothing (RFC 8620 §5.3); only one property is the person's.
    held = {"id": PLACING_ID}
    bad += [name for name in patch if name in held and patch[name] != held[name]]
    bad += [name for name in ("mayChange", "homeCountries") if name in patch]
    apart = patch.get("abroadApart", None)
    if "abroadApart" in patch and apart is not None and not isinstance(apart, bool):
        bad.append("abroadApart")
    if bad:
        raise refuse(*bad)
    if "abroadApart" in patch:
        await call.context.services.abroad.set_wish(call.context.actor, apart=bool(apart))
