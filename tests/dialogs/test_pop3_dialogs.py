"""Golden POP3 dialogs: every file of `pop3/` is played against the engine over a maildrop in memory.

A dialog file: `#` comment · `@tls` the connection is inside TLS · `@starttls` STLS is offered · `@clear` passwords are taken
in clear · `@delay n` a delay between logins · `@handshake` TLS is up after STLS · `@gone n` message n was deleted elsewhere ·
`C: ` a line from the client · `C+ ` octets without line end · `S: ` a line that the server must say ·
`E: ` an event that the driver must have had. All that the server says must be expected.
"""

import base64
import re
from pathlib import Path

import pytest

from smartmail.proto.pop3 import events
from smartmail.proto.pop3.engine import Config, Drop, ServerEngine
from smartmail.proto.sasl import Credentials, server_mechanism

FILES = sorted((Path(__file__).parent / "pop3").glob("RFC*.txt"))
MESSAGES = [
    b"From: a@example.com\r\nSubject: one\r\n\r\nfirst line\r\n.dotted\r\n..\r\nlast without end",
    "From: b@example.com\r\nSubject: 둘\r\n\r\n".encode() + b"a\r\n\r\nb\r\nc\r\n",
    b"\r\nonly a body\r\n",
]
SECRET = "비밀번호 with spaces"


class Driver:
    """What edge.pop3d does, over memory."""

    def __init__(self, config: Config, *, tls: bool):
        self.engine = ServerEngine(config, tls=tls)
        self.engine.greet()
        self.gone: set[int] = set()
        self.told: list[str] = []
        self.closed = False
        self.mechanism = None

    def receive(self, data: bytes) -> bytes:
        self.engine.receive_data(data)
        while (event := self.engine.next_event()) is not None:
            self.handle(event)
        return self.engine.data_to_send()

    def handle(self, event):
        self.told.append(type(event).__name__)
        if isinstance(event, events.Login):
            self.login(event.name, event.password)
        elif isinstance(event, events.Authenticate):
            self.mechanism = server_mechanism(event.mechanism)
            self.step(event.initial)
        elif isinstance(event, events.AuthResponse):
            self.step(event.data)
        elif isinstance(event, events.StartTls):
            self.engine.begin_tls()
        elif isinstance(event, events.Retrieve):
            self.retrieve(event.number)
        elif isinstance(event, events.Quit):
            self.told.append(f"Quit {','.join(map(str, event.deleted))}")
            self.engine.finish()
        elif isinstance(event, events.Closed):
            self.closed = True

    def login(self, name, password):
        if (name, password) == ("kim", SECRET):
            drops = [Drop(len(octets), f"m{number}.1") for number, octets in enumerate(MESSAGES, 1)]
            self.engine.open_maildrop(drops)
        else:
            self.engine.refuse("authentication failed", "AUTH")

    def step(self, response):
        outcome = self.mechanism.step(response)
        if isinstance(outcome, Credentials):
            self.login(outcome.authcid, outcome.password)
        elif hasattr(outcome, "data"):
            self.engine.challenge(outcome.data)
        else:
            self.engine.refuse("authentication failed", "AUTH")

    def retrieve(self, number):
        if number in self.gone:
            self.engine.refuse("no such message")
            return
        octets = MESSAGES[number - 1]
        self.engine.start_message(len(octets))
        for at in range(0, len(octets), 7):
            if not self.engine.feed_message(octets[at : at + 7]):
                break
        self.engine.end_message()


def play(path: Path):
    options: dict = {}
    tls, driver, said = False, None, b""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        where = f"{path.name}:{number}: {line}"
        kind, text = line[:3], line[3:]
        if line.startswith("@") and driver is None:
            word, _, value = line[1:].partition(" ")
            tls = tls or word == "tls"
            options |= {"starttls": {"starttls": True}, "clear": {"cleartext_login": True}}.get(word, {})
            options |= {"login_delay": int(value)} if word == "delay" else {}
            continue
        if driver is None and line and not line.startswith("#"):
            driver = Driver(Config("mail.example", **options), tls=tls)
            said = driver.engine.data_to_send()
        if line == "@handshake":
            assert said == b"", where
            driver.engine.tls_established()
        elif line.startswith("@gone "):
            driver.gone.add(int(line[6:]))
        elif kind in {"C: ", "C+ "}:
            assert said == b"", f"{where}\nserver also said {said!r}"
            text = re.sub(r"<b64 (.*?)>", lambda m: base64.b64encode(m[1].replace("\\0", "\0").encode()).decode(), text)
            said = driver.receive(text.replace("\\r\\n", "\r\n").encode() + (b"" if kind == "C+ " else b"\r\n"))
        elif kind in {"S: ", "S:"}:
            heard, _, said = said.partition(b"\r\n")
            assert heard.decode() == text, where
        elif kind == "E: ":
            assert text in driver.told, f"{where}: {driver.told}"
            driver.told.clear()
        else:
            assert not line or line.startswith("#"), where
    assert said == b"", f"unexpected at the end: {said!r}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dialog(path):
    play(path)
