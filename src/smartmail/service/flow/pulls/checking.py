"""What a person may ask for: well-formed, their own, and allowed by policy. What is refused says what to do instead."""

import re
from dataclasses import dataclass
from typing import Final

import msgspec

from smartmail.domain.errors import Invalid, PolicyRejected
from smartmail.domain.principal import Actor
from smartmail.formats.address import domain_to_ascii
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.service.flow.pulls.texts import PullText
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.tags import TagService

MAX_TEXT: Final = 255
MAX_PASSWORD: Final = 500
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:]{2,45}")


@dataclass(frozen=True, slots=True)
class PullChecks:
    """Judges wishes."""

    mailboxes: MailboxService
    tags: TagService

    async def checked(self, actor: Actor, policy: PolicyView, text: PullText) -> PullText:
        """Return a wish as it is kept. Raises Invalid (with the property's name first), PolicyRejected."""
        text = msgspec.structs.replace(
            text, host=_host(text.host), login=_line("login", text.login, MAX_TEXT),
            name=_line("name", text.name or text.login, MAX_TEXT), folder=_line("folder", text.folder or "INBOX", MAX_TEXT),
        )  # fmt: skip
        if not text.password or len(text.password) > MAX_PASSWORD or any(ord(one) < 32 for one in text.password):
            raise Invalid("password: as the other provider gave it, in one line")
        if not 0 < text.port < 65_536:
            raise Invalid("port: 1 to 65535")
        if text.security == "plain" and not policy[knobs.PULL_PLAIN]:
            raise PolicyRejected("connections without TLS are not allowed; choose TLS or STARTTLS")
        if text.remove and not policy[knobs.PULL_DELETE]:
            raise PolicyRejected("originals may not be deleted; keep them at the other provider")
        await self._own(actor, text)
        return text

    async def _own(self, actor: Actor, text: PullText) -> None:
        if text.mailbox_id:
            held = {one.row.id for one in await self.mailboxes.list_all(actor, actor.account_id)}
            if text.mailbox_id not in held:
                raise Invalid("mailboxId: not one of yours")
        if text.tag and text.tag not in {one.keyword for one in await self.tags.all(actor, actor.account_id)}:
            raise Invalid("tag: not one of yours")


def _line(name: str, value: str, most: int) -> str:
    kept = value.strip()
    if not kept or len(kept) > most or not kept.isprintable():
        raise Invalid(f"{name}: one line of at most {most} characters")
    return kept


def _host(value: str) -> str:
    host = value.strip().rstrip(".").lower()
    if not host.isascii():
        host = domain_to_ascii(host)
    if not _HOST.fullmatch(host) or ".." in host:
        raise Invalid("host: the name of a mail server, such as imap.example.com")
    return host
