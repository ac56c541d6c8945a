"""PushSubscription/get and set (RFC 8620 §7.2): those of the person who asks, whatever account is looked at."""

from functools import partial
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from smartmail.domain.errors import Invalid, MailError
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, numbers, parse_time, show_time
from smartmail.edge.httpd.jmap.setting import Acts, Refused, Report, converted, refuse, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import SetArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.push_objects import (
    PUSH_PROPERTIES,
    PUSH_SECRETS,
    PUSH_UPDATABLE,
    PushCreate,
    PushGetAnswer,
    PushGetArguments,
    PushSetAnswer,
    PushSetArguments,
    PushSubscription,
)
from smartmail.service.mailbox import push_subscriptions as service
from smartmail.service.mailbox.push_wishes import NewPush

MAX_TYPES = 64


async def get(call: Call, arguments: PushGetArguments) -> PushGetAnswer:
    """PushSubscription/get."""
    if PUSH_SECRETS & set(arguments.properties or ()):
        # RFC 8620 §7.2.1: address and keys are private to the device.
        raise MethodError("forbidden", "url and keys are never told")
    properties = core.wanted(arguments.properties, PUSH_PROPERTIES)
    every = {one.row.id: one for one in await call.context.services.push_subscriptions.list_all(call.context.actor)}
    if arguments.ids is None:
        found, missing = list(every), list[str]()
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbers(ids.PUSH, arguments.ids)
        found = [number for number in asked if number in every]
        missing += [text for number, text in asked.items() if number not in every]
    return PushGetAnswer([core.project(_show(every[one]), properties) for one in found], missing)


def _show(subscription: service.PushSubscription) -> PushSubscription:
    return PushSubscription(
        ids.show(ids.PUSH, subscription.row.id),
        subscription.text.device,
        subscription.shown,
        show_time(subscription.row.expires_at),
        None if subscription.text.types is None else list(subscription.text.types),
    )


async def set_(call: Call, arguments: PushSetArguments) -> PushSetAnswer:
    """PushSubscription/set."""
    wishes = SetArguments(account_id="-", create=arguments.create, update=arguments.update, destroy=arguments.destroy)
    call.context.limits.check_set(wishes.count())
    report = Report(call.created_ids)
    acts = Acts(partial(_create, call), partial(_update, call), partial(_destroy, call), _told)
    await report.carry_out(wishes, acts)
    return PushSetAnswer(
        report.created or None, report.updated or None, report.destroyed or None, report.not_created or None,
        report.not_updated or None, report.not_destroyed or None,
    )  # fmt: skip


async def _create(call: Call, raw: Any) -> dict[str, Any]:
    wish = converted(raw, PushCreate, "url")
    made = await call.context.services.push_subscriptions.create(
        call.context.actor,
        NewPush(
            wish.url,
            wish.device_client_id,
            None if wish.types is None else tuple(wish.types[:MAX_TYPES]),
            None if wish.keys is None else (wish.keys.p256dh, wish.keys.auth),
            None if wish.expires is None else parse_time(wish.expires),
        ),
    )
    told = {"id": ids.show(ids.PUSH, made.row.id)}
    shown = show_time(made.row.expires_at)
    return told if wish.expires == shown else told | {"expires": shown}


async def _update(call: Call, target: str, patch: Any) -> dict[str, Any] | None:
    if not isinstance(patch, dict):
        raise Refused(SetError("invalidPatch"))
    bad = [name for name in patch if name not in PUSH_UPDATABLE]
    bad += [name for name in ("verificationCode", "expires") if not isinstance(patch.get(name, ""), str | None)]
    kinds: tuple[str, ...] | Literal["all"] | None = None
    if "types" in patch:
        kinds = _types(patch["types"], bad)
    if bad:
        raise refuse(*bad)
    wish = patch.get("expires")
    until = await call.context.services.push_subscriptions.update(
        call.context.actor,
        ids.parse(ids.PUSH, target) or 0,
        code=patch.get("verificationCode"),
        types=kinds,
        # RFC 8620 §7.2: null leaves the time to the server.
        expires_at=_far(wish) if "expires" in patch else None,
    )
    return {"expires": show_time(until)} if "expires" in patch and show_time(until) != wish else None


async def _destroy(call: Call, target: str) -> None:
    await call.context.services.push_subscriptions.destroy(call.context.actor, ids.parse(ids.PUSH, target) or 0)


def _types(value: Any, bad: list[str]) -> tuple[str, ...] | Literal["all"] | None:
    if value is None:
        return "all"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value[:MAX_TYPES])
    bad.append("types")
    return None


def _far(wish: str | None) -> int:
    if wish is None:
        return 1 << 52
    try:
        return parse_time(msgspec.convert(wish, core.UTCDate))
    except (MethodError, msgspec.ValidationError):
        raise refuse("expires") from None


def _told(error: Refused | MailError) -> SetError:
    """The service names the property that cannot be."""
    if isinstance(error, Invalid):
        return SetError("invalidProperties", UNSET, [str(error)])
    return why(error)
