"""VacationResponse/get and set (RFC 8621 §8): one object, a person's own, kept with their filters."""

from typing import Any

import msgspec

from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, parse_time, show_time
from smartmail.edge.httpd.jmap.object_type import SingletonType
from smartmail.edge.httpd.jmap.setting import refuse, unknown_properties
from smartmail.proto.jmap.core import SetAnswer, SetArguments
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.session import OWN
from smartmail.proto.jmap.submissions import (
    OWN_VACATION_PROPERTIES,
    VACATION_ID,
    VACATION_PROPERTIES,
    VacationResponse,
    VacationValues,
)
from smartmail.service.flow.filters.vacation import Vacation


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """VacationResponse/set: there is one, which is neither made nor destroyed."""
    return await TYPE.set_(call, arguments)


async def _state(call: Call, account_id: AccountId) -> str:
    return str(await call.context.services.states.filters(call.context.actor, account_id))


async def _held(call: Call, account_id: AccountId) -> VacationResponse:
    return _show(await call.context.services.filters.vacation(call.context.actor, account_id))


def _show(vacation: Vacation) -> VacationResponse:
    return VacationResponse(
        VACATION_ID,
        vacation.is_enabled,
        None if vacation.from_date is None else show_time(vacation.from_date),
        None if vacation.to_date is None else show_time(vacation.to_date),
        vacation.subject,
        vacation.text,
        vacation.html,
        vacation.outside,
        vacation.outside_text,
    )


def _offered(call: Call) -> tuple[str, ...]:
    return (*VACATION_PROPERTIES, *OWN_VACATION_PROPERTIES) if OWN in call.using else VACATION_PROPERTIES


async def _update(call: Call, account_id: AccountId, patch: dict[str, Any]) -> None:
    held = await call.context.services.filters.vacation(call.context.actor, account_id)
    current = msgspec.to_builtins(_show(held))
    bad = unknown_properties(patch, _offered(call))
    if patch.get("id", VACATION_ID) != VACATION_ID:
        bad.append("id")
    if bad:
        raise refuse(*bad)
    values = _values({**current, **patch})
    try:
        await call.context.services.filters.set_vacation(call.context.actor, account_id, _vacation(values, held))
    except Invalid as error:
        raise refuse(*_named(values, error), description=error.public) from None


def _values(merged: dict[str, Any]) -> VacationValues:
    # RFC 8620 §5.3: null puts a property back to its default.
    raw = {name: value for name, value in merged.items() if name != "id" and value is not None}
    try:
        return msgspec.convert(raw, VacationValues)
    except msgspec.ValidationError as error:
        raise refuse(*[name for name in raw if f"$.{name}" in str(error)], description=str(error)[:200]) from None


def _vacation(values: VacationValues, held: Vacation) -> Vacation:
    return Vacation(
        is_enabled=values.is_enabled,
        from_date=_time("fromDate", values.from_date),
        to_date=_time("toDate", values.to_date),
        subject=values.subject,
        text=values.text_body,
        html=values.html_body,
        days=held.days,
        outside=values.outside_reply,
        outside_text=values.outside_text_body,
    )


def _time(name: str, text: str | None) -> int | None:
    try:
        return None if text is None else parse_time(text)
    except MethodError:
        raise refuse(name, description="not a date") from None


def _named(values: VacationValues, error: Invalid) -> list[str]:
    """Return which properties the service cannot keep."""
    if "end" in error.public:
        return ["fromDate", "toDate"]
    return ["subject"] if "subject" in error.public else ["textBody" if values.html_body is None else "htmlBody"]


TYPE = SingletonType(id=VACATION_ID, properties=_offered, held=_held, update=_update, state=_state)
