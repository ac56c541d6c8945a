"""Credential/get and set: the app passwords, access tokens and certificates of the person who asks.

The state is a digest of what is told: nothing is kept for it. A credential is made and destroyed, never changed: what a
program holds does what it did when it was given out.
"""

import hashlib
import ssl
from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.errors import AlreadyExists, Invalid, MailError
from smartmail.edge.httpd.jmap.context import Call, numbers, own_account_of, parse_time, show_time
from smartmail.edge.httpd.jmap.setting import Refused, Report, refuse, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap import numbers as names
from smartmail.proto.jmap.core import GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.credentials import CREDENTIAL_PROPERTIES, CredentialObject, CredentialWish
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.service.identity.auth import ALL_MAIL, CredentialInfo


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """Credential/get."""
    await own_account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, CREDENTIAL_PROPERTIES)
    every = await _all(call)
    if arguments.ids is None:
        found, missing = list(every), list[str]()
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbers(names.CREDENTIAL, arguments.ids)
        found = [number for number in asked if number in every]
        missing += [text for number, text in asked.items() if number not in every]
    objects = [core.project(every[one], properties) for one in found]
    return GetAnswer(account_id=arguments.account_id, state=digest(every), list=objects, not_found=missing)


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """Credential/set."""
    await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before = digest(await _all(call))
    if arguments.if_in_state not in {None, before}:
        raise MethodError("stateMismatch")
    report = Report(call.created_ids)
    for key, raw in (arguments.create or {}).items():
        try:
            report.made(key, await _create(call, raw))
        except (Refused, MailError) as error:
            report.not_created[key] = _told(error)
    for key in report.updates(arguments):
        report.not_updated[key] = SetError("forbidden", "a credential is made and destroyed, never changed")
    for key, target in report.destroys(arguments).items():
        try:
            number = names.parse(names.CREDENTIAL, target) or 0
            await call.context.services.auth.delete_credential(call.context.actor, number)
            report.destroyed.append(key)
        except MailError as error:
            report.not_destroyed[key] = why(error)
    return report.answer(arguments.account_id, before, digest(await _all(call)))


async def _all(call: Call) -> dict[int, CredentialObject]:
    found = await call.context.services.auth.credentials(call.context.actor)
    return {one.id: _show(one) for one in found}


def digest(objects: object) -> str:
    """Return the state of a type of which nothing is kept."""
    return hashlib.sha256(msgspec.json.encode(objects)).hexdigest()[:16]


async def _create(call: Call, raw: Any) -> dict[str, Any]:
    wish = _wish(raw)
    auth, actor = call.context.services.auth, call.context.actor
    expires_at = None if wish.expires_at is None else parse_time(wish.expires_at)
    if wish.kind == "certificate":
        info, secret = await auth.add_certificate(actor, wish.label, _certificate(wish)), None
    elif wish.kind == "token":
        made = await auth.new_token(
            actor, wish.label, scopes=wish.scopes or (ALL_MAIL,), networks=wish.networks, expires_at=expires_at
        )
        info, secret = made.info, made.secret
    else:
        made = await auth.new_app_password(
            actor, wish.label, doors=wish.doors, networks=wish.networks, expires_at=expires_at
        )
        info, secret = made.info, made.secret
    shown = {
        name: value
        for name, value in msgspec.to_builtins(_show(info)).items()
        if name == "id" or raw.get(name, UNSET) != value
    }
    return shown if secret is None else {**shown, "secret": secret}


def _wish(raw: Any) -> CredentialWish:
    try:
        wish = msgspec.convert(raw, CredentialWish)
    except msgspec.ValidationError as error:
        known = [one.encode_name for one in msgspec.structs.fields(CredentialWish)]
        given = raw if isinstance(raw, dict) else {}
        bad = [name for name in given if name not in known or f"$.{name}" in str(error)]
        raise refuse(*bad or ["label"], description=str(error)[:200]) from None
    wrong = [
        name
        for name, kind in (("doors", "app"), ("scopes", "token"), ("certificate", "certificate"))
        if raw.get(name) and kind != wish.kind
    ]
    if wish.kind == "certificate":
        wrong += [name for name in ("networks", "expiresAt") if raw.get(name)]
        wrong += ["certificate"] if wish.certificate is UNSET else []
    if wrong:
        raise refuse(*wrong)
    return wish


def _certificate(wish: CredentialWish) -> bytes:
    assert wish.certificate is not UNSET
    try:
        return ssl.PEM_cert_to_DER_cert(wish.certificate.strip())
    except ValueError:
        raise refuse("certificate", description="not a PEM certificate") from None


def _show(info: CredentialInfo) -> CredentialObject:
    return CredentialObject(
        id=names.show(names.CREDENTIAL, info.id),
        kind=info.kind,
        label=info.label,
        doors=list(info.doors),
        scopes=list(info.scopes),
        networks=list(info.networks),
        created_at=show_time(info.created_at),
        expires_at=None if info.expires_at is None else show_time(info.expires_at),
        last_used_at=None if info.last_used_at is None else show_time(info.last_used_at),
        last_used_door=info.last_used_door,
        last_used_address=info.last_used_address,
        last_used_country=info.last_used_country,
    )


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid | AlreadyExists):
        return SetError("invalidProperties", error.public)
    return why(error)
