"""The notice that goes outside in place of a letter: who wrote, where to read it, and nothing of what it says."""

from smartmail.base.i18n import translate
from smartmail.formats.address import Mailbox
from smartmail.formats.compose import Draft, compose
from smartmail.formats.headers import split_fields
from smartmail.formats.summary import Summary
from smartmail.ports.clock import Clock
from smartmail.service.mailbox.big_files.letters import date_text
from smartmail.service.mailbox.secure_mail.texts import LetterText, TicketText

_BY_COUNTRY = {"kr": "ko", "jp": "ja", "cn": "zh-Hans", "tw": "zh-Hant", "hk": "zh-Hant", "mo": "zh-Hant"}
_OURS = (b"return-path", b"received")


def language_for(address: str, language: str) -> str:
    """Return the language of a notice: that of the recipient's country where the domain names one, else the sender's."""
    return _BY_COUNTRY.get(address.rpartition(".")[2].lower(), language or "ko")


def notice(
    text: LetterText, ticket: TicketText, url: str, expires_at: int, *, summary: Summary | None, host: str, clock: Clock
) -> bytes:
    """Return the message of a notice. It is a letter of its own (Message-ID) that refers to the one that it stands for, so
    that answers come into the same conversation. `summary` None: it is sent once more.
    """
    language = ticket.language
    words = "\n\n".join(
        (
            translate(language, "secure.notice.from", sender=text.named), url,
            translate(language, f"secure.notice.{text.proof}"),
            translate(language, "secure.until", date=date_text(expires_at)),
            translate(language, "secure.notice.help"),
        )
    )  # fmt: skip
    authors = () if summary is None else summary.addresses.from_
    now = clock.now() // 1000
    sent_at, zone = (now, 0) if summary is None or summary.sent_at is None else (summary.sent_at, summary.sent_zone)
    draft = Draft(
        from_=[Mailbox(one.name, one.address) for one in authors if one.address] or [Mailbox(text.sender_name, text.sender)],
        to=(Mailbox("", ticket.recipient),), date=(sent_at, zone), message_id=f"{clock.new_id():x}.secure@{host}",
        subject=translate(language, "secure.notice.subject", sender=text.sender_name or text.sender),
        text=words + "\n", references=(text.message_id,) if text.message_id else (), language=language,
    )  # fmt: skip
    return compose(draft, nonce=clock.random(12).hex())


def trace_lines(header: bytes) -> bytes:
    """Return the lines that this house put before a letter when it came in; a notice carries them, too."""
    end = 0
    for field in split_fields(header):
        if field.name.lower() not in _OURS:
            break
        end = field.end
    return header[:end]
