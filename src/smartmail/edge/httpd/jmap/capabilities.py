"""What the server offers, and what each account does (RFC 8620 §2): the capabilities of the Session object.

A new type adds its line to `_SERVER` and `_own`, and to `_shared` where it works for accounts of others too.
"""

from collections.abc import Mapping
from typing import Any, Final

from smartmail.domain.contacts import MAX_BOOKS_PER_CARD, MAX_CARD_OCTETS, MAX_PHOTO_OCTETS
from smartmail.domain.filters import MAX_SCRIPT_NAME_OCTETS, MAX_SCRIPT_OCTETS, MAX_SCRIPTS
from smartmail.domain.ids import AccountId
from smartmail.domain.mailbox import MAX_DEPTH, MAX_NAME_OCTETS
from smartmail.domain.principal import Actor
from smartmail.domain.rights import SENDING
from smartmail.domain.tags import COLOURS, MAX_TAG_DEPTH, MAX_TAGS
from smartmail.edge.httpd.jmap import blob_methods, ids
from smartmail.edge.httpd.jmap.composing import MAX_ATTACHMENTS
from smartmail.edge.httpd.jmap.context import CHANGING
from smartmail.edge.httpd.jmap.delays import MAX_DELAY_S
from smartmail.edge.httpd.jmap.envelope_parameters import EXTENSIONS
from smartmail.edge.httpd.jmap.inspections import ATTRIBUTION
from smartmail.proto.jmap import numbers
from smartmail.proto.jmap.contacts import contacts_capability
from smartmail.proto.jmap.emails import EMAIL_SORTS
from smartmail.proto.jmap.session import (
    BLOB,
    CONTACTS,
    MAIL,
    MAIL_SHARE,
    MDN,
    OWN,
    PRINCIPALS,
    PRINCIPALS_OWNER,
    QUOTA,
    SIEVE,
    SMIME_VERIFY,
    SUBMISSION,
    VACATION,
    VAPID,
    WEBSOCKET,
    AccountInfo,
    Urls,
    mail_capability,
    submission_capability,
)
from smartmail.proto.sieve.limits import DEFAULT_LIMITS
from smartmail.service.flow.filters.scripts import FilterService
from smartmail.service.mailbox.contacts.gate import CHANGING as CHANGING_CARDS
from smartmail.service.mailbox.contacts.gate import READING
from smartmail.service.mailbox.sharing import SharedAccount

Capabilities = dict[str, dict[str, Any]]

_SUBMISSION: Final = submission_capability(max_delayed_send_s=MAX_DELAY_S, extensions=EXTENSIONS)
_OWN: Final = {
    "maxTags": MAX_TAGS, "maxTagDepth": MAX_TAG_DEPTH, "tagColours": COLOURS, "geoAttribution": ATTRIBUTION,
    "maxSizeContactCard": MAX_CARD_OCTETS, "maxSizeContactPhoto": MAX_PHOTO_OCTETS,
}  # fmt: skip
_SERVER: Final[Capabilities] = {
    MAIL: {}, SUBMISSION: {}, QUOTA: {}, BLOB: {}, MDN: {}, VACATION: {}, SIEVE: {"implementation": "SmartMail"},
    PRINCIPALS: {}, MAIL_SHARE: {}, SMIME_VERIFY: {}, CONTACTS: {}, OWN: {},
}  # fmt: skip


def server_capabilities(where: Urls, vapid: str) -> Capabilities:
    """Return the Session's `capabilities` beside Core. `vapid` is our key in base64url (RFC 9749 §3)."""
    return _SERVER | {
        WEBSOCKET: {"url": where.socket, "supportsPush": True},
        VAPID: {"applicationServerKey": vapid},
    }


def own_account(
    actor: Actor, filters: FilterService, outside: dict[str, Any], saving: Mapping[str, Any], *, contacts: bool
) -> AccountInfo:
    """Return the account of the person who asks. `outside`: how many recipients outside they may write to; `saving`:
    what they may take out; `contacts`: whether they may have address books.
    """
    own = _own(actor, filters, {"outsideRecipients": outside, **saving}) | _contacts(there=contacts, may_create=True)
    return AccountInfo(ids.show(ids.ACCOUNT, actor.account_id), actor.login, True, False, own)


def _own(actor: Actor, filters: FilterService, told: dict[str, Any]) -> Capabilities:
    return {
        MAIL: _mail(may_create_top_level=True),
        SUBMISSION: _SUBMISSION,
        QUOTA: {},
        BLOB: blob_methods.CAPABILITY,
        MDN: {},
        VACATION: {},
        SIEVE: _sieve(filters),
        PRINCIPALS: {"currentUserPrincipalId": numbers.show(numbers.PERSON, actor.account_id)},
        PRINCIPALS_OWNER: _owner(actor, actor.account_id),
        MAIL_SHARE: {},
        SMIME_VERIFY: {},
        OWN: _OWN | told,
    }


def _owner(actor: Actor, account_id: AccountId) -> dict[str, Any]:
    """RFC 9670 §1.5.2: whose account it is, and in which account that principal is told."""
    return {
        "accountIdForPrincipal": ids.show(ids.ACCOUNT, actor.account_id),
        "principalId": numbers.show(numbers.PERSON, account_id),
    }


def shared_account(one: SharedAccount, actor: Actor, *, contacts: bool) -> AccountInfo:
    """Return an account of somebody else of which the person sees at least one mailbox."""
    read_only = not (one.access.anywhere() & CHANGING)
    held = one.access.everywhere
    theirs = contacts and one.kind == "shared" and held >= READING
    more = _contacts(there=theirs, may_create=held >= CHANGING_CARDS)
    return AccountInfo(ids.show(ids.ACCOUNT, one.id), one.login, False, read_only, _shared(one, actor) | more)


def _shared(one: SharedAccount, actor: Actor) -> Capabilities:
    held = one.access.everywhere
    found = {
        MAIL: _mail(may_create_top_level="k" in held),
        QUOTA: {},
        BLOB: blob_methods.CAPABILITY,
        PRINCIPALS_OWNER: _owner(actor, one.id),
        MAIL_SHARE: {},
        SMIME_VERIFY: {},
        # What it is shown as: the account's name is its address.
        OWN: _OWN | {"accountName": one.name, "accountKind": one.kind},
    }
    return found | {SUBMISSION: _SUBMISSION} if held & SENDING else found


def _contacts(*, there: bool, may_create: bool) -> Capabilities:
    if not there:
        return {}
    return {CONTACTS: dict(contacts_capability(max_books_per_card=MAX_BOOKS_PER_CARD, may_create=may_create))}


def _mail(*, may_create_top_level: bool) -> dict[str, Any]:
    common = mail_capability(
        max_attachments=MAX_ATTACHMENTS, may_create_top_level=may_create_top_level, sorts=sorted(EMAIL_SORTS)
    )
    return common | {"maxMailboxDepth": MAX_DEPTH, "maxSizeMailboxName": MAX_NAME_OCTETS}


def _sieve(filters: FilterService) -> dict[str, Any]:
    """RFC 9661 §1.3.1."""
    return {
        "maxSizeScriptName": MAX_SCRIPT_NAME_OCTETS,
        "maxSizeScript": MAX_SCRIPT_OCTETS,
        "maxNumberScripts": MAX_SCRIPTS,
        "maxNumberRedirects": DEFAULT_LIMITS.redirects,
        "sieveExtensions": sorted(filters.extensions()),
        "notificationMethods": ["mailto"],
        "externalLists": None,
    }
