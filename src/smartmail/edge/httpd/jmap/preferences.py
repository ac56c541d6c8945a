"""UserPreferences/get and set: what the person who asks chose for their screens. One object, a person's own.

A patch may name one choice (`values/density`) or replace all of them (`values`). The state is a digest of what is told.
"""

from typing import Any

from smartmail.domain.errors import Invalid, MailError
from smartmail.edge.httpd.jmap.context import Call, own_account_of
from smartmail.edge.httpd.jmap.credentials import digest
from smartmail.edge.httpd.jmap.setting import Refused, Report, refuse, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.preferences import PREFERENCES_ID, PREFERENCES_PROPERTIES, PreferencesObject

_ONE = "values/"


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """UserPreferences/get."""
    await own_account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, PREFERENCES_PROPERTIES)
    call.context.limits.check_get(len(arguments.ids or ()))
    held = await _held(call)
    asked = dict.fromkeys([PREFERENCES_ID] if arguments.ids is None else arguments.ids)
    return GetAnswer(
        account_id=arguments.account_id,
        state=digest(held),
        list=[core.project(held, properties)] if PREFERENCES_ID in asked else [],
        not_found=[one for one in asked if one != PREFERENCES_ID],
    )


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """UserPreferences/set: there is one, which is neither made nor destroyed."""
    await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    held = await _held(call)
    before = digest(held)
    if arguments.if_in_state not in {None, before}:
        raise MethodError("stateMismatch")
    report = Report(call.created_ids)
    report.not_created = dict.fromkeys(arguments.create or (), SetError("singleton"))
    for target, patch in (arguments.update or {}).items():
        try:
            await _update(call, target, patch, held)
            report.updated[target] = None
        except (Refused, MailError) as error:
            report.not_updated[target] = why(error)
    for key in arguments.destroy or ():
        report.not_destroyed[key] = SetError("singleton" if key == PREFERENCES_ID else "notFound")
    return report.answer(arguments.account_id, before, digest(await _held(call)))


async def _held(call: Call) -> PreferencesObject:
    return PreferencesObject(PREFERENCES_ID, await call.context.services.preferences.all(call.context.actor))


async def _update(call: Call, target: str, patch: Any, held: PreferencesObject) -> None:
    if target != PREFERENCES_ID:
        raise Refused(SetError("notFound"))
    if not isinstance(patch, dict):
        raise Refused(SetError("invalidPatch"))
    bad = [name for name in patch if name not in PREFERENCES_PROPERTIES and not name.startswith(_ONE)]
    if patch.get("id", PREFERENCES_ID) != PREFERENCES_ID:
        bad.append("id")
    whole = patch.get("values", {})
    if whole is not None and not isinstance(whole, dict):
        bad.append("values")
    if bad:
        raise refuse(*bad)
    wanted = _one_by_one(patch)
    if "values" in patch:
        if wanted:
            # RFC 8620 §5.3: no patch may be the prefix of another.
            raise Refused(SetError("invalidPatch"))
        wanted = dict.fromkeys(held.values) | (whole or {})
    try:
        await call.context.services.preferences.change(call.context.actor, wanted)
    except Invalid as error:
        raise refuse("values", description=error.public) from None


def _one_by_one(patch: dict[str, Any]) -> dict[str, Any]:
    """Names hold no character that a JSON pointer escapes (RFC 6901 §3), so none is put back here."""
    return {key.removeprefix(_ONE): value for key, value in patch.items() if key.startswith(_ONE)}
