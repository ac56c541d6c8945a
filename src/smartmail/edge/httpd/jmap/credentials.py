"""Credential/get and set: the app passwords, access tokens and certificates of the person who asks.

The state is a digest of what is told: nothing is kept for it. A credential is made and destroyed, never changed: what a
program holds does what it did when it was given out.
"""

import ssl
from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.errors import AlreadyExists, Invalid, MailError
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, parse_time, show_time
from smartmail.edge.httpd.jmap.object_type import Objects, ObjectType, digest, never
from smartmail.edge.httpd.jmap.setting import Refused, refuse, unsaid, why
from smartmail.proto.jmap import numbers as names
from smartmail.proto.jmap.credentials import CredentialObject, CredentialWish
from smartmail.proto.jmap.errors import SetError
from smartmail.service.identity.auth import ALL_MAIL, CredentialInfo


async def _every(call: Call, _: AccountId) -> dict[str, CredentialObject]:
    found = await call.context.services.auth.credentials(call.context.actor)
    return {names.show(names.CREDENTIAL, one.id): _show(one) for one in found}


def _digest(every: Objects) -> str:
    return digest({names.parse(names.CREDENTIAL, key): one for key, one in every.items()})


async def _create(call: Call, _: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
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
    shown = unsaid(_show(info), raw)
    return shown if secret is None else {**shown, "secret": secret}


async def _destroy(call: Call, _: AccountId, target: str) -> None:
    number = names.parse(names.CREDENTIAL, target) or 0
    await call.context.services.auth.delete_credential(call.context.actor, number)


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


TYPE = ObjectType(
    shape=CredentialObject,
    every=_every,
    digest=_digest,
    letter=names.CREDENTIAL,
    create=_create,
    update=never("a credential is made and destroyed, never changed"),
    destroy=_destroy,
    told=_told,
)
