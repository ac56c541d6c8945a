"""MDN/send and MDN/parse (RFC 9007): read receipts."""

from typing import Any, Final

from smartmail.domain.errors import AlreadyExists, MailError, NotFound, PolicyRejected
from smartmail.domain.ids import AccountId, IdentityId, MessageId
from smartmail.edge.httpd.jmap import email_set, ids
from smartmail.edge.httpd.jmap.composing import blob_content
from smartmail.edge.httpd.jmap.context import Call, account_of, own_account_of
from smartmail.edge.httpd.jmap.setting import Refused, converted, implied, refuse, why
from smartmail.formats.mdn import Receipt, is_extension
from smartmail.proto.jmap.core import SetArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.mdn import (
    Disposition,
    Mdn,
    MdnParseAnswer,
    MdnParseArguments,
    MdnSendAnswer,
    MdnSendArguments,
    MdnWish,
)
from smartmail.service.flow.receipts import ReceiptWish

MAX_PARSED = 50
MAX_OCTETS = 2 << 20
"""Of a message that is looked at for a receipt."""
_SENT: Final = "$mdnsent"
_PERSON: Final = "manual-action"
_MANUALLY: Final = "mdn-sent-manually"


async def send(call: Call, arguments: MdnSendArguments) -> list[tuple[str, Any]]:
    """MDN/send, and the Email/set that its success brings along."""
    account_id = await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(len(arguments.send))
    sent: dict[str, Any] = {}
    refused: dict[str, SetError] = {}
    emails: dict[str, str] = {}
    for key, raw in arguments.send.items():
        try:
            _require_mark(arguments, key)
            wish = _converted(raw)
            sent[key] = await _sent(call, account_id, arguments.identity_id, wish)
            emails[f"#{key}"] = call.created_ids.resolve(wish.for_email_id) or ""
        except (Refused, MailError) as error:
            refused[key] = _told(error)
    answers: list[tuple[str, Any]] = [
        ("MDN/send", MdnSendAnswer(account_id=arguments.account_id, sent=sent or None, not_sent=refused or None))
    ]
    patches = arguments.on_success_update_email or {}
    updates = {emails[key]: patch for key, patch in patches.items() if key in emails}
    if updates:
        more = SetArguments(account_id=arguments.account_id, update=updates)
        answers.append(await implied("Email/set", email_set.set_, call, more))
    return answers


def _require_mark(arguments: MdnSendArguments, key: str) -> None:
    """RFC 9007 §2.1: what would not leave the message marked as answered is refused. Raises Refused."""
    patch = (arguments.on_success_update_email or {}).get(f"#{key}")
    whole = patch.get("keywords") if isinstance(patch, dict) else None
    marked = isinstance(patch, dict) and patch.get(f"keywords/{_SENT}") is True
    if not marked and not (isinstance(whole, dict) and whole.get(_SENT) is True):
        raise refuse("onSuccessUpdateEmail", description=f"must set {_SENT}")


def _converted(raw: Any) -> MdnWish:
    wish = converted(raw, MdnWish, "forEmailId")
    if not all(map(is_extension, wish.extension_fields or ())):
        raise refuse("extensionFields")
    return wish


async def _sent(call: Call, account_id: AccountId, identity: str, wish: MdnWish) -> Mdn:
    number = ids.parse(ids.EMAIL, call.created_ids.resolve(wish.for_email_id) or "")
    identity_id = ids.parse(ids.IDENTITY, call.created_ids.resolve(identity) or "")
    known = await call.context.services.identities.list_all(call.context.actor, account_id)
    if all(one.row.id != identity_id for one in known):
        raise refuse("identityId")
    receipt = Receipt(
        final_recipient=_address(wish.final_recipient),
        original_message_id="",
        disposition=wish.disposition.type,
        action_by_person=wish.disposition.action_mode == _PERSON,
        sent_by_person=wish.disposition.sending_mode == _MANUALLY,
        reporting_ua=wish.reporting_ua or "",
        extensions=tuple((wish.extension_fields or {}).items()),
    )
    told = await call.context.services.receipts.send(
        call.context.actor,
        account_id,
        ReceiptWish(
            IdentityId(identity_id or 0), MessageId(number or 0), receipt, wish.subject, wish.text_body,
            wish.include_original_message,
        ),
    )  # fmt: skip
    return Mdn(
        final_recipient=_typed(told.final_recipient),
        original_recipient=_typed(told.original_recipient),
        original_message_id=_bracketed(told.original_message_id),
    )


def _address(text: str | None) -> str:
    """Return the address of `rfc822; a@b`, or of a bare one. Raises Refused."""
    if text is None:
        return ""
    address = text.rpartition(";")[2].strip()
    if "@" not in address or not address.isprintable() or " " in address:
        raise refuse("finalRecipient")
    return address


def _typed(address: str) -> str | None:
    return f"rfc822; {address}" if address else None


def _bracketed(message_id: str) -> str | None:
    return f"<{message_id}>" if message_id else None


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, AlreadyExists):
        return SetError("mdnAlreadySent")
    if isinstance(error, PolicyRejected):
        return SetError("forbiddenFrom", error.public)
    return why(error)


async def parse(call: Call, arguments: MdnParseArguments) -> MdnParseAnswer:
    """MDN/parse."""
    account_id = await account_of(call, arguments.account_id)
    if len(arguments.blob_ids) > MAX_PARSED:
        raise MethodError("requestTooLarge", f"at most {MAX_PARSED} blobs")
    parsed: dict[str, Mdn] = {}
    not_parsable: list[str] = []
    not_found: list[str] = []
    for text in dict.fromkeys(arguments.blob_ids):
        try:
            octets = await blob_content(call, account_id, call.created_ids.resolve(text) or "", MAX_OCTETS)
        except NotFound:
            not_found.append(text)
            continue
        except Refused:
            not_parsable.append(text)
            continue
        found = await call.context.services.receipts.parse(octets)
        if found is None:
            not_parsable.append(text)
        else:
            parsed[text] = _shown(*found)
    return MdnParseAnswer(
        account_id=arguments.account_id,
        parsed=parsed or None,
        not_parsable=not_parsable or None,
        not_found=not_found or None,
    )


def _shown(receipt: Receipt, subject: str, text: str, whole: bool) -> Mdn:
    return Mdn(
        # RFC 9007 §2 lets it be null: whoever wants the message asks for its Message-ID.
        for_email_id=None,
        subject=subject,
        text_body=text,
        include_original_message=whole,
        reporting_ua=receipt.reporting_ua or None,
        disposition=Disposition(
            _PERSON if receipt.action_by_person else "automatic-action",
            _MANUALLY if receipt.sent_by_person else "mdn-sent-automatically",
            receipt.disposition,
        ),
        mdn_gateway=receipt.gateway or None,
        original_recipient=_typed(receipt.original_recipient),
        final_recipient=_typed(receipt.final_recipient),
        original_message_id=_bracketed(receipt.original_message_id),
        error=[receipt.error] if receipt.error else None,
        extension_fields=dict(receipt.extensions) or None,
    )
