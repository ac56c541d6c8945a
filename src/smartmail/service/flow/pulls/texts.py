"""What is sealed of a pull: where to, as whom, and what becomes of what comes."""

from dataclasses import dataclass

import msgspec

from smartmail.domain.pulls import PullPlace, PullProtocol, PullRow, PullSecurity
from smartmail.formats.seal import Kind
from smartmail.service.kernel.keyring import Sealer


class PullText(msgspec.Struct, frozen=True, array_like=True):
    """`mailbox_id` 0: the inbox; `tag`: the keyword of one of the person's tags; `remove`: deleted over there when it is
    here; `since` (seconds): older mail stays where it is. New fields go to the end, with a default.
    """

    name: str
    protocol: PullProtocol
    host: str
    port: int
    security: PullSecurity
    login: str
    password: str
    folder: str = "INBOX"
    mailbox_id: int = 0
    tag: str = ""
    remove: bool = False
    since: int = 0

    def __repr__(self) -> str:
        """Name the host alone: what is printed may end in a log."""
        return f"PullText({self.protocol}, {self.host})"

    @property
    def place(self) -> PullPlace:
        """Where to, and as whom."""
        return PullPlace(
            self.protocol, self.host, self.port, self.security, self.login, self.password, self.folder
        )  # fmt: skip

    @property
    def source(self) -> tuple[str, str, int, str, str]:
        """What makes it the mailbox that it is: with another one, nothing was seen."""
        return self.protocol, self.host, self.port, self.login, self.folder


@dataclass(frozen=True, slots=True)
class OpenPull:
    """A pull with what is sealed of it. `said`: what the other side said last."""

    row: PullRow
    text: PullText
    said: str = ""


def seal_pull(keys: Sealer, pull_id: bytes, text: PullText) -> bytes:
    """Seal what a pull is, under its account's key."""
    return keys.seal(Kind.PULL, msgspec.msgpack.encode(text), pull_id)


def seal_said(keys: Sealer, pull_id: bytes, said: str) -> bytes:
    """Seal what the other side said; b"" for nothing."""
    return keys.seal_text(Kind.PULL_SAID, said, pull_id) if said else b""


def open_pull(keys: Sealer, row: PullRow) -> OpenPull:
    """Open a pull. Raises SealError."""
    text = msgspec.msgpack.decode(keys.open(Kind.PULL, row.sealed, row.id), type=PullText)
    said = keys.open_text(Kind.PULL_SAID, row.sealed_said, row.id) if row.sealed_said else ""
    return OpenPull(row, text, said)
