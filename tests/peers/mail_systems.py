"""Mail systems as one sees them from outside: mail is handed in, mail is read, and there is a log."""

import imaplib
import json
import smtplib
import ssl
from dataclasses import dataclass
from typing import Protocol

import dkim
from tests.peers.letters import Letter
from tests.peers.served import Served

SELECTOR = "sm1"
PASSWORD = "two-mail-houses"


class System(Protocol):
    """What a test does with each of the five."""

    domain: str
    address: str

    @property
    def box(self) -> str: ...
    def submit(self, letter: Letter, notify: str = "") -> None: ...
    def log(self) -> str: ...
    def messages(self, word: str) -> list[bytes]: ...


@dataclass
class Foreign:
    """A system of others: mail is handed to it over port 25, and read in its maildir."""

    domain: str
    address: str
    running: object
    client: str
    key: bytes = b""
    """Its DKIM key, where it has no signer of its own and what is handed in is signed before."""

    @property
    def box(self) -> str:
        return f"box@{self.domain}"

    def submit(self, letter: Letter, notify: str = "") -> None:
        octets = letter.octets
        if self.key:
            octets = dkim.sign(octets, SELECTOR.encode(), self.domain.encode(), self.key) + octets
        with smtplib.SMTP(self.address, 25, source_address=(self.client, 0), timeout=60) as session:
            _send(session, letter, octets, notify)

    def log(self) -> str:
        return str(self.running.log())  # type: ignore[attr-defined]

    def messages(self, word: str) -> list[bytes]:
        return [octets for octets in self.running.messages() if word.encode() in octets]  # type: ignore[attr-defined]


@dataclass
class Smart:
    """A SmartMail; `logins` are all its accounts."""

    domain: str
    address: str
    node: Served
    logins: tuple[str, ...]
    context: ssl.SSLContext

    @property
    def box(self) -> str:
        return f"box@{self.domain}"

    def submit(self, letter: Letter, notify: str = "") -> None:
        place = (self.address, self.node.ports["submissions"])
        with smtplib.SMTP_SSL(*place, context=self.context, timeout=60) as session:
            session.login(letter.sender, PASSWORD)
            _send(session, letter, letter.octets, notify)

    def messages(self, word: str) -> list[bytes]:
        """Return the mail of all accounts that has a word in it."""
        found = []
        for login in self.logins:
            found += self.inbox(login)
        return [octets for octets in found if word.encode() in octets]

    def inbox(self, login: str, mailbox: str = "INBOX") -> list[bytes]:
        with imaplib.IMAP4_SSL(self.address, self.node.ports["imaps"], ssl_context=self.context, timeout=60) as session:
            session.authenticate("PLAIN", lambda _: f"\0{login}\0{PASSWORD}".encode())
            session.select(f'"{mailbox}"', readonly=True)
            _ok, data = session.uid("FETCH", "1:*", "(BODY.PEEK[])")
            return [part[1] for part in data if isinstance(part, tuple)]

    def log(self) -> str:
        """Return the log, behind what the filter put aside."""
        junk = [head(octets) for login in self.logins for octets in self.inbox(login, "Junk")]
        return "\n".join([bytes(self.node.stderr).decode(), "== Junk", *junk])

    def events(self, name: str, domain: str) -> list[dict[str, object]]:
        """Return lines of the log. What comes may end in the middle of one."""
        whole = bytes(self.node.stderr).rpartition(b"\n")[0]
        lines = [json.loads(line) for line in whole.splitlines() if line.startswith(b"{")]
        return [line for line in lines if line.get("event") == name and line.get("domain") == domain]


def head(octets: bytes) -> str:
    """Return a message's header."""
    return octets.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")


def _send(session: smtplib.SMTP, letter: Letter, octets: bytes, notify: str) -> None:
    wanted = [f"NOTIFY={notify}"] if notify else []
    session.ehlo_or_helo_if_needed()
    refused = session.sendmail(letter.sender, [letter.to], octets, letter.options, wanted)
    assert not refused, refused
