"""What a submission asks for: which message, its envelope and the parameters of that (RFC 8621 §7, RFC 3461 §4). No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from smartmail.domain.ids import IdentityId, MessageId
from smartmail.formats.summary import Summary
from smartmail.service.flow.submission_record import EnvelopeParameters
from smartmail.service.kernel.envelope import Recipient
from smartmail.service.mailbox.secure_mail import SecureOptions


@dataclass(frozen=True, slots=True)
class RecipientDsn:
    """What a sender wants to be told about a recipient (RFC 3461 §4.1, §4.2)."""

    notify: tuple[str, ...] = ()
    orcpt: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. Without an envelope it is made from the header; `delay` in seconds before it leaves.

    `require_tls`: over proven TLS only (RFC 8689). `size`: octets that the sender declares (RFC 1870). `ret`, `envid`
    and by address `dsn`: what reports say and when there are any (RFC 3461). `secure`: as secure mail to people outside. `ask`: nobody has
    looked at the recipients yet, so that it waits where the misdelivery guard doubts some. `parameters`: all of it in the sender's words.
    """

    identity_id: IdentityId
    message_id: MessageId
    mail_from: str | None = None
    rcpt_to: tuple[str, ...] | None = None
    delay: int = 0
    require_tls: bool = False
    size: int = 0
    ret: str = ""
    envid: str = ""
    smtputf8: bool = False
    dsn: Mapping[str, RecipientDsn] = field(default_factory=dict[str, RecipientDsn])
    secure: SecureOptions | None = None
    ask: bool = False
    parameters: EnvelopeParameters = field(default_factory=EnvelopeParameters)


def header_recipients(summary: Summary) -> tuple[str, ...]:
    """Return the addresses of To, Cc and Bcc, each once (RFC 8621 §7: the default envelope)."""
    boxes = summary.addresses
    named = [one.address for one in (*boxes.to, *boxes.cc, *boxes.bcc) if one.address]
    return tuple(dict.fromkeys(named))


def notified(recipient: Recipient, dsn: Mapping[str, RecipientDsn]) -> Recipient:
    """Return a recipient of the queue with what its sender wants to be told about it."""
    wish = dsn.get(recipient.address)
    return recipient if wish is None else msgspec.structs.replace(recipient, notify=wish.notify, orcpt=wish.orcpt)


def needs_utf8(sender: str, recipients: Sequence[str]) -> bool:
    """Whether an address of an envelope needs SMTPUTF8 (RFC 6531 §3.4)."""
    return not (sender.isascii() and all(one.isascii() for one in recipients))
