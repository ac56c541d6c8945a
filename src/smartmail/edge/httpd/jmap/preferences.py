"""UserPreferences/get and set: what the person who asks chose for their screens. One object, a person's own.

A patch may name one choice (`values/density`) or replace all of them (`values`). The state is a digest of what is told.
"""

from typing import Any

from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call
from smartmail.edge.httpd.jmap.object_type import SingletonType
from smartmail.edge.httpd.jmap.setting import Refused, refuse
from smartmail.proto.jmap.core import SetAnswer, SetArguments
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.preferences import PREFERENCES_ID, PREFERENCES_PROPERTIES, PreferencesObject

_ONE = "values/"


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """UserPreferences/set: there is one, which is neither made nor destroyed."""
    return await TYPE.set_(call, arguments)


async def _held(call: Call, _: AccountId) -> PreferencesObject:
    return PreferencesObject(PREFERENCES_ID, await call.context.services.preferences.all(call.context.actor))


async def _update(call: Call, account_id: AccountId, patch: dict[str, Any]) -> None:
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
        wanted = dict.fromkeys((await _held(call, account_id)).values) | (whole or {})
    try:
        await call.context.services.preferences.change(call.context.actor, wanted)
    except Invalid as error:
        raise refuse("values", description=error.public) from None


def _one_by_one(patch: dict[str, Any]) -> dict[str, Any]:
    """Names hold no character that a JSON pointer escapes (RFC 6901 §3), so none is put back here."""
    return {key.removeprefix(_ONE): value for key, value in patch.items() if key.startswith(_ONE)}


TYPE = SingletonType(id=PREFERENCES_ID, properties=lambda _: PREFERENCES_PROPERTIES, held=_held, update=_update)
