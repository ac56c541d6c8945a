"""SieveScript/get, set, query, validate (RFC 9661): the scripts that ManageSieve shows too; and our own foresee."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.errors import AlreadyExists, Invalid, MailError, NotFound
from smartmail.domain.filters import MAX_SCRIPT_OCTETS, ScriptId
from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.blob_reading import show_script
from smartmail.edge.httpd.jmap.composing import blob_content
from smartmail.edge.httpd.jmap.context import Call, numbers, own_account_of
from smartmail.edge.httpd.jmap.object_type import ObjectType
from smartmail.edge.httpd.jmap.setting import Refused, Report, converted, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import QueryAnswer, QueryArguments, SetAnswer
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.filters import matches, parse_filter, parse_sort
from smartmail.proto.jmap.sieve_scripts import (
    SCRIPT_SORTS,
    ForeseeAnswer,
    ForeseeArguments,
    ForeseenEmail,
    SieveScript,
    SieveScriptCreate,
    SieveScriptFilter,
    SieveScriptSetArguments,
    SieveScriptUpdate,
    ValidateAnswer,
    ValidateArguments,
)
from smartmail.service.flow.filters.foreseeing import MAX_MESSAGES, Foreseen, ScriptWrong
from smartmail.service.flow.filters.scripts import Script, ScriptInUse, ScriptRefused

_NAME = "script"
"""How a script is called that comes without a name, with a number behind it."""


async def _state(call: Call, account_id: AccountId) -> str:
    return str(await call.context.services.states.filters(call.context.actor, account_id))


async def _all(call: Call, account_id: AccountId) -> dict[ScriptId, Script]:
    every = await call.context.services.filters.list_all(call.context.actor, account_id)
    return {one.id: one for one in every}


def _show(script: Script) -> SieveScript:
    return SieveScript(ids.show(ids.SCRIPT, script.id), script.name, show_script(script), script.is_active)


async def _every(call: Call, account_id: AccountId) -> dict[str, SieveScript]:
    return {ids.show(ids.SCRIPT, key): _show(one) for key, one in (await _all(call, account_id)).items()}


TYPE = ObjectType(shape=SieveScript, every=_every, state=_state, letter=ids.SCRIPT)


# -- set ------------------------------------------------------------------------------------------------------------


async def set_(call: Call, arguments: SieveScriptSetArguments) -> SetAnswer:
    """SieveScript/set."""
    account_id = await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before = await _state(call, account_id)
    if arguments.if_in_state not in {None, before}:
        raise MethodError("stateMismatch")
    report = Report(call.created_ids)
    await _change(call, account_id, arguments, report)
    if not (report.not_created or report.not_updated or report.not_destroyed):
        await _activate(call, account_id, arguments, report)
    return report.answer(arguments.account_id, before, await _state(call, account_id))


async def _change(call: Call, account_id: AccountId, arguments: SieveScriptSetArguments, report: Report) -> None:
    for key, raw in (arguments.create or {}).items():
        try:
            report.made(key, await _create(call, account_id, raw))
        except (Refused, MailError) as error:
            report.not_created[key] = await _told(call, account_id, error, raw)
    for key, (target, patch) in report.updates(arguments).items():
        try:
            report.updated[key] = await _update(call, account_id, target, patch)
        except (Refused, MailError) as error:
            report.not_updated[key] = await _told(call, account_id, error, patch)
    for key, target in report.destroys(arguments).items():
        try:
            number = ScriptId(ids.parse(ids.SCRIPT, target) or 0)
            await call.context.services.filters.delete(call.context.actor, account_id, number)
            report.destroyed.append(key)
        except MailError as error:
            report.not_destroyed[key] = await _told(call, account_id, error, None)


async def _create(call: Call, account_id: AccountId, raw: Any) -> dict[str, Any]:
    wish = converted(raw, SieveScriptCreate, "blobId")
    content = await _content(call, account_id, wish.blob_id)
    filters, actor = call.context.services.filters, call.context.actor
    every = await _all(call, account_id)
    taken = {one.name for one in every.values()}
    name = wish.name if wish.name is not None else _free_name(taken)
    if name in taken:
        raise AlreadyExists
    made = await filters.put(actor, account_id, name, content)
    told = {"id": ids.show(ids.SCRIPT, made.id), "blobId": show_script(made), "isActive": made.is_active}
    return told if made.name == wish.name else told | {"name": made.name}


def _free_name(taken: set[str]) -> str:
    return next(name for number in range(1, len(taken) + 2) if (name := f"{_NAME} {number}") not in taken)


async def _update(call: Call, account_id: AccountId, target: str, patch: Any) -> dict[str, Any] | None:
    """Return what the server says of the change: another content has another blob id."""
    number = ids.parse(ids.SCRIPT, target)
    held = (await _all(call, account_id)).get(ScriptId(number or 0))
    if held is None:
        raise NotFound
    wish = converted(_changed(held, patch), SieveScriptUpdate, "blobId")
    filters, actor = call.context.services.filters, call.context.actor
    name = held.name if wish.name is UNSET else wish.name
    if wish.blob_id is not UNSET:
        content = await _content(call, account_id, wish.blob_id)
        made = await filters.put(actor, account_id, name, content, script_id=held.id)
    elif wish.name is not UNSET:
        made = await filters.rename(actor, account_id, held.id, name)
    else:
        return None
    return {"blobId": show_script(made)}


def _changed(held: Script, patch: Any) -> dict[str, Any]:
    """Return the patch without what is so already (RFC 8620 §5.3). Raises Refused."""
    if not isinstance(patch, dict):
        raise Refused(SetError("invalidPatch"))
    current = msgspec.to_builtins(_show(held))
    return {name: value for name, value in patch.items() if name not in current or current[name] != value}


async def _content(call: Call, account_id: AccountId, text: str) -> bytes:
    target = call.created_ids.resolve(text)
    try:
        return await blob_content(call, account_id, target or "", MAX_SCRIPT_OCTETS)
    except NotFound:
        raise Refused(SetError("blobNotFound", not_found=[text])) from None
    except Refused:
        raise Refused(SetError("tooLarge", max_size=MAX_SCRIPT_OCTETS)) from None


async def _told(call: Call, account_id: AccountId, error: Refused | MailError, raw: Any) -> SetError:
    if isinstance(error, ScriptRefused):
        return SetError("invalidSieve", str(error)[:400])
    if isinstance(error, ScriptInUse):
        return SetError("sieveIsActive")
    if isinstance(error, AlreadyExists):
        name = raw.get("name") if isinstance(raw, dict) else None
        holder = next((one for one in (await _all(call, account_id)).values() if one.name == name), None)
        existing = UNSET if holder is None else ids.show(ids.SCRIPT, holder.id)
        return SetError("alreadyExists", existing_id=existing)
    if isinstance(error, Invalid):
        return SetError("invalidProperties", error.public, ["name"])
    return why(error)


async def _activate(call: Call, account_id: AccountId, arguments: SieveScriptSetArguments, report: Report) -> None:
    """RFC 9661 §2.4: an id that means nothing is passed over; what changes is told."""
    wish = arguments.on_success_activate_script
    number = None if wish is None else ids.parse(ids.SCRIPT, call.created_ids.resolve(wish) or "")
    every = await _all(call, account_id)
    target = ScriptId(number) if number in every else None
    if target is None and not arguments.on_success_deactivate_script:
        return
    active = next((one.id for one in every.values() if one.is_active), None)
    if active == target:
        return
    await call.context.services.filters.activate(call.context.actor, account_id, target)
    for script_id, state in ((active, False), (target, True)):
        if script_id is not None:
            _tell(report, ids.show(ids.SCRIPT, script_id), is_active=state)


def _tell(report: Report, text: str, *, is_active: bool) -> None:
    for made in report.created.values():
        if made["id"] == text:
            made["isActive"] = is_active
            return
    report.updated[text] = (report.updated.get(text) or {}) | {"isActive": is_active}


# -- query and validate ---------------------------------------------------------------------------------------------


async def query(call: Call, arguments: QueryArguments) -> QueryAnswer:
    """SieveScript/query. There is no queryChanges: scripts are few."""
    account_id = await own_account_of(call, arguments.account_id)
    state = await _state(call, account_id)
    found = await _results(call, account_id, arguments)
    position, window = core.window(found, arguments, call.context.limits.max_objects_in_get)
    return QueryAnswer(
        account_id=arguments.account_id,
        query_state=state,
        can_calculate_changes=False,
        position=position,
        ids=window,
        total=len(found) if arguments.calculate_total else UNSET,
    )


async def _results(call: Call, account_id: AccountId, arguments: QueryArguments) -> Sequence[str]:
    tree = parse_filter(arguments.filter, SieveScriptFilter)
    orders = parse_sort(arguments.sort, SCRIPT_SORTS, call.context.limits.collations)
    kept = [one for one in (await _all(call, account_id)).values() if matches(tree, partial(_matches, one))]
    for order in reversed(orders):
        kept.sort(key=partial(_sort_key, order.property), reverse=not order.is_ascending)
    return [ids.show(ids.SCRIPT, one.id) for one in kept]


def _matches(script: Script, wish: SieveScriptFilter) -> bool:
    named = wish.name is UNSET or wish.name.casefold() in script.name.casefold()
    return named and (wish.is_active is UNSET or wish.is_active == script.is_active)


def _sort_key(name: str, script: Script) -> str:
    return script.name.casefold() if name == "name" else str(int(script.is_active))


async def validate(call: Call, arguments: ValidateArguments) -> ValidateAnswer:
    """SieveScript/validate."""
    account_id = await own_account_of(call, arguments.account_id)
    error: SetError | None = None
    try:
        content = await _content(call, account_id, arguments.blob_id)
    except Refused as refused:
        if refused.error.type == "blobNotFound":
            raise MethodError("blobNotFound") from None
        error = refused.error
    else:
        problems = call.context.services.filters.check(content)
        if problems:
            error = SetError("invalidSieve", "; ".join(map(str, problems))[:400])
    return ValidateAnswer(account_id=arguments.account_id, error=error)


async def foresee(call: Call, arguments: ForeseeArguments) -> ForeseeAnswer:
    """SieveScript/foresee: our own. Nothing is changed: a client carries it out by Email/set, and can undo it."""
    account_id = await own_account_of(call, arguments.account_id)
    if len(arguments.email_ids) > MAX_MESSAGES:
        raise MethodError("requestTooLarge")
    try:
        content = await _content(call, account_id, arguments.blob_id)
    except Refused as refused:
        raise MethodError("blobNotFound" if refused.error.type == "blobNotFound" else "invalidArguments") from None
    asked, missing = numbers(ids.EMAIL, arguments.email_ids)
    services, actor = call.context.services, call.context.actor
    wanted = [MessageId(number) for number in asked]
    told = await services.findings.of(actor, account_id, wanted)
    try:
        found = await services.filters.foresight.run(actor, account_id, services.reading, content, wanted, told)
    except ScriptWrong as error:
        raise MethodError("invalidArguments", error.public) from None
    known = await services.reading.rows(actor, account_id, wanted)
    missing += [text for number, text in asked.items() if MessageId(number) not in known]
    shown = [_show_foreseen(asked[one], what) for one, what in found.items()]
    return ForeseeAnswer(account_id=arguments.account_id, list=shown, not_found=missing)


def _show_foreseen(text: str, what: Foreseen) -> ForeseenEmail:
    mailboxes = None if what.mailboxes is None else {ids.show(ids.MAILBOX, one): True for one in what.mailboxes}
    return ForeseenEmail(text, mailboxes, what.missing, dict.fromkeys(what.keywords, True), what.sends)
