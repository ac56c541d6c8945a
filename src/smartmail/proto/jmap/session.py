"""The Session object and URL templates (RFC 8620 §2, §6; RFC 8621 §1.3)."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
from msgspec import Struct

from smartmail.proto.jmap.limits import Limits

CORE: Final = "urn:ietf:params:jmap:core"
MAIL: Final = "urn:ietf:params:jmap:mail"
SUBMISSION: Final = "urn:ietf:params:jmap:submission"
VACATION: Final = "urn:ietf:params:jmap:vacationresponse"
WEBSOCKET: Final = "urn:ietf:params:jmap:websocket"
VAPID: Final = "urn:ietf:params:jmap:webpush-vapid"
QUOTA: Final = "urn:ietf:params:jmap:quota"
BLOB: Final = "urn:ietf:params:jmap:blob"
MDN: Final = "urn:ietf:params:jmap:mdn"
SIEVE: Final = "urn:ietf:params:jmap:sieve"
PRINCIPALS: Final = "urn:ietf:params:jmap:principals"
PRINCIPALS_OWNER: Final = "urn:ietf:params:jmap:principals:owner"
SMIME_VERIFY: Final = "urn:ietf:params:jmap:smimeverify"
MAIL_SHARE: Final = "urn:ietf:params:jmap:mail:share"
CONTACTS: Final = "urn:ietf:params:jmap:contacts"
OWN: Final = "https://smartmail.example/jmap"
"""Our own types (AR-8): one name, a constant until the product has a domain (RFC 8620 §1.8)."""


class Urls(Struct, frozen=True):
    """Where things are: templates of `{accountId}`, `{blobId}`, `{type}`, `{name}`, `{types}` … (RFC 6570 level 1)."""

    api: str
    download: str
    upload: str
    event_source: str
    socket: str


def urls(base: str, download_base: str | None = None) -> Urls:
    """Return the URLs below `base` (`https://host`, no slash at the end); downloads may lie on another host."""
    content = base if download_base is None else download_base
    return Urls(
        api=f"{base}/jmap/api/",
        download=f"{content}/jmap/download/{{accountId}}/{{blobId}}/{{name}}?accept={{type}}",
        upload=f"{base}/jmap/upload/{{accountId}}/",
        event_source=f"{base}/jmap/events/?types={{types}}&closeafter={{closeafter}}&ping={{ping}}",
        socket=f"{base.replace('http', 'ws', 1)}/jmap/ws/",
    )


def expand(template: str, **values: str) -> str:
    """Return the URL of a template; values are percent-encoded (RFC 6570 §3.2.2)."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", quote(value, safe=""))
    return template


class AccountInfo(Struct, frozen=True):
    """One account that the actor can reach. `capabilities` maps a capability to its limits for this account."""

    id: str
    name: str
    is_personal: bool
    is_read_only: bool
    capabilities: Mapping[str, Mapping[str, Any]]


def mail_capability(*, max_attachments: int, may_create_top_level: bool, sorts: Sequence[str]) -> dict[str, Any]:
    """Return the account's `urn:ietf:params:jmap:mail` (RFC 8621 §1.3.1)."""
    return {
        "maxMailboxesPerEmail": None,
        "maxMailboxDepth": 20,
        "maxSizeMailboxName": 490,
        "maxSizeAttachmentsPerEmail": max_attachments,
        "emailQuerySortOptions": sorted(sorts),
        "mayCreateTopLevelMailbox": may_create_top_level,
    }


def submission_capability(*, max_delayed_send_s: int, extensions: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the account's `urn:ietf:params:jmap:submission` (RFC 8621 §1.3.2)."""
    return {"maxDelayedSend": max_delayed_send_s, "submissionExtensions": extensions}


def build_session(
    *,
    username: str,
    accounts: Sequence[AccountInfo],
    primary: Mapping[str, str],
    limits: Limits,
    where: Urls,
    server_capabilities: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the Session object. `primary` maps a capability to the account it means by default.

    `state` is a digest of all the rest, so that it changes when, and only when, something in it does.
    """
    session: dict[str, Any] = {
        "capabilities": {CORE: limits.capability()} | dict(server_capabilities),
        "accounts": {one.id: account_object(one) for one in accounts},
        "primaryAccounts": dict(primary),
        "username": username,
        "apiUrl": where.api,
        "downloadUrl": where.download,
        "uploadUrl": where.upload,
        "eventSourceUrl": where.event_source,
    }
    digest = hashlib.sha256(msgspec.json.encode(session, order="sorted")).hexdigest()
    return session | {"state": digest[:16]}


def account_object(account: AccountInfo) -> dict[str, Any]:
    """Return the Account object (RFC 8620 §2)."""
    return {
        "name": account.name,
        "isPersonal": account.is_personal,
        "isReadOnly": account.is_read_only,
        "accountCapabilities": account.capabilities,
    }
