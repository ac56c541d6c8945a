"""Golden IMAP dialogs: every file of `imap/` is played against the engine over mailboxes in memory.

A dialog file: `#` comment · `@` set-up or act of the world (see `Player`) · `C: ` a line from the client ·
`C+ ` octets without line end (``\\r\\n`` in the text is one) · `S: ` a line the server must say · `S~ ` the same as a regular expression.
Before each client line everything the server said must have been expected.
"""

import re
import shlex
from pathlib import Path

import pytest
from tests.dialogs.imap.memory_driver import MemoryDriver
from tests.dialogs.imap.memory_store import BODIES, Store

from smartmail.proto.imap.capability import Offer
from smartmail.proto.imap.engine import ServerEngine
from smartmail.proto.imap.limits import Limits

FILES = sorted((Path(__file__).parent / "imap").glob("RFC*.txt"))
SMALL = {"line": 200, "line_before_login": 120, "literal": 64, "command": 400, "append": 400, "swallow": 2_000}


class Player:
    def __init__(self):
        self.store = Store()
        self.offer = Offer(plain_login=True)
        self.limits = Limits()
        self.driver = None
        self.said = b""
        self.where = ""

    @property
    def engine(self):
        self.start()
        return self.driver.engine

    def start(self):
        if self.driver is None:
            self.driver = MemoryDriver(ServerEngine(self.offer, limits=self.limits), self.store)

    def play(self, path: Path):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            self.where = f"{path.name}:{number}: {line}"
            kind, text = line[:3], line[3:]
            if line.startswith("@"):
                self.act(*shlex.split(line[1:].replace("\\", "\\\\")))
            elif kind in {"C: ", "C+ "} or line == "C:":
                self.client(text, end=b"" if kind == "C+ " else b"\r\n")
            elif kind in {"S: ", "S~ "} or line == "S:":
                self.server(text, exact=kind != "S~ ")
            else:
                assert not line or line.startswith("#"), self.where
        assert self.said == b"", f"unexpected at the end: {self.said!r}"

    def client(self, text: str, *, end: bytes):
        assert self.said == b"", f"{self.where}\nserver also said {self.said!r}"
        self.start()
        self.said = self.driver.receive(text.replace("\\r\\n", "\r\n").encode() + end)

    def server(self, text: str, *, exact: bool):
        line, found, self.said = self.said.partition(b"\r\n")
        assert found, f"{self.where}\nserver said nothing more, only {line!r}"
        got = line.decode()
        matches = got == text if exact else re.fullmatch(text, got)
        assert matches, f"{self.where}\ngot {got!r}"

    # -- the world -------------------------------------------------------------------------------------------

    def act(self, verb, *words):
        options = dict(word.split("=", 1) for word in words if "=" in word)
        names = [word for word in words if "=" not in word]
        getattr(self, "act_" + verb)(*names, **options)
        if self.driver is not None:
            self.driver.notice()
            self.said += self.engine.data_to_send()

    def act_offer(self, plain="yes", tls="yes"):
        self.offer = Offer(plain_login=plain == "yes", tls_available=tls == "yes")

    def act_small_limits(self):
        self.limits = Limits(**SMALL)

    def act_connect(self):
        self.engine.greet()

    def act_login(self):
        self.start()
        self.driver.receive(b"@ LOGIN kim secret\r\n")

    def act_enable(self, *names, **pairs):
        names += tuple(f"{name}={value}" for name, value in pairs.items())
        self.driver.receive(f"@ ENABLE {' '.join(names)}\r\n".encode())

    def act_select(self, name="INBOX"):
        self.act_login()
        self.driver.receive(f"@ SELECT {name}\r\n".encode())

    def act_mailbox(self, name, validity="3857529045", next="1", use="", subscribed="no", selectable="yes"):
        box = self.store.box(name)
        box.validity, box.uid_next = int(validity), int(next)
        box.use = tuple(use.split(",")) if use else ()
        box.subscribed, box.selectable = subscribed == "yes", selectable == "yes"

    def act_subscribed_only(self, name):
        self.store.subscribed_only.add(name)

    def act_message(self, name, body="simple", uid=None, flags="", modseq=None, date=None):
        self.store.add(
            self.store.box(name),
            BODIES[body],
            flags.split(",") if flags else (),
            int(date) if date else None,
            int(uid) if uid else None,
            int(modseq) if modseq else None,
        )

    act_deliver = act_message

    def act_expunge(self, name, *uids):
        self.store.remove(self.store.box(name), {int(uid) for uid in uids})

    def act_flags(self, name, uid, *flags):
        box = self.store.box(name)
        self.store.set_flags(box, box.by_uid(int(uid)), set(flags))

    def act_tls(self):
        self.engine.tls_established()

    def act_state(self, *words):
        assert self.engine.state.value == " ".join(words), self.where

    def act_uids(self, name, *uids):
        assert [one.uid for one in self.store.box(name).messages] == [int(uid) for uid in uids], self.where

    def act_event(self, name):
        assert any(type(event).__name__ == name for event in self.driver.seen_events), self.where


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dialog(path):
    Player().play(path)


def test_there_are_enough_dialogs():
    assert len(FILES) >= 40
