"""Golden ManageSieve dialogs: every file of `managesieve/` is played against the engine over scripts in memory.

A dialog file: `#` comment · `@tls` the connection is inside TLS · `@starttls` STARTTLS is offered · `@mechanisms A B` what is
offered · `@in` somebody has logged in already · `@handshake` TLS is up after STARTTLS · `@max N` octets of a script ·
`C: ` a line from the client, `C+ ` octets without line end · `{L+}` in it: the size of the `L: ` lines that follow · `S: ` a line that the server must say ·
`E: ` an event that the driver must have had. All that the server says must be expected.
"""

import base64
import re
from pathlib import Path

import pytest

from smartmail.proto.managesieve.engine import Config, ServerEngine

FILES = sorted((Path(__file__).parent / "managesieve").glob("RFC*.txt"))
EXTENSIONS = ("fileinto", "vacation")


class Driver:
    """What edge.sieved does, over memory. The person is kim, the password is secret; `error` in a script is wrong."""

    def __init__(self, config: Config, *, tls: bool, mechanisms: tuple[str, ...]):
        self.engine = ServerEngine(config, tls=tls)
        self.mechanisms = mechanisms
        self.engine.offer(mechanisms if tls or not config.starttls else ())
        self.engine.greet()
        self.scripts: dict[str, bytes] = {}
        self.active = ""
        self.told: list[str] = []
        self.closed = False
        self.scram = False

    def receive(self, data: bytes) -> bytes:
        self.engine.receive_data(data)
        while (event := self.engine.next_event()) is not None:
            self.told.append(type(event).__name__)
            getattr(self, f"on_{type(event).__name__.lower()}")(event)
        return self.engine.data_to_send()

    def on_starttls(self, _event):
        self.engine.begin_tls()

    def handshake(self):
        self.engine.tls_established()
        self.engine.offer(self.mechanisms)
        self.engine.greet()

    def on_authenticate(self, event):
        self.scram = event.mechanism == "SCRAM-SHA-256"
        if event.initial is None or self.scram:
            self.engine.challenge(b"" if event.initial is None else b"r=nonce")
        else:
            self.step(event.initial)

    def on_authresponse(self, event):
        self.step(event.data)

    def step(self, data):
        if data == b"\0kim\0secret":
            self.engine.authenticated("kim@a.example", "ko")
        elif self.scram and data == b"p=proof":
            self.engine.authenticated("kim@a.example", "ko", b"v=verified")
        else:
            self.engine.refuse("authentication failed")

    def on_authaborted(self, _event):
        pass

    def on_unauthenticate(self, _event):
        self.engine.unauthenticated()

    def on_havespace(self, event):
        if event.size > 100:
            self.engine.refuse("too large", "QUOTA/MAXSIZE")
        elif event.name not in self.scripts and len(self.scripts) >= 3:
            self.engine.refuse("too many", "QUOTA/MAXSCRIPTS")
        else:
            self.engine.accept()

    def on_putscript(self, event):
        if b"error" in event.content:
            self.engine.refuse("Line 1, column 1: bad.\r\nLine 2, column 1: worse.")
        else:
            self.scripts[event.name] = event.content
            self.engine.accept("kept", "it does nothing" if b"# nothing" in event.content else "")

    def on_checkscript(self, event):
        if b"error" in event.content:
            self.engine.refuse("Line 1, column 1: bad.")
        else:
            self.engine.accept()

    def on_listscripts(self, _event):
        self.engine.list_scripts([(name, name == self.active) for name in self.scripts])

    def on_getscript(self, event):
        if event.name in self.scripts:
            self.engine.send_script(self.scripts[event.name])
        else:
            self.engine.refuse("there is no such script", "NONEXISTENT")

    def on_setactive(self, event):
        if event.name and event.name not in self.scripts:
            self.engine.refuse("there is no such script", "NONEXISTENT")
        else:
            self.active = event.name
            self.engine.accept()

    def on_deletescript(self, event):
        if event.name not in self.scripts:
            self.engine.refuse("there is no such script", "NONEXISTENT")
        elif event.name == self.active:
            self.engine.refuse("the script is active", "ACTIVE")
        else:
            self.scripts.pop(event.name)
            self.engine.accept()

    def on_renamescript(self, event):
        if event.old not in self.scripts:
            self.engine.refuse("there is no such script", "NONEXISTENT")
        elif event.new in self.scripts:
            self.engine.refuse("another script has that name", "ALREADYEXISTS")
        else:
            self.scripts[event.new] = self.scripts.pop(event.old)
            self.engine.accept()

    def on_violation(self, event):
        pass

    def on_closed(self, _event):
        self.closed = True


def options(line: str, found: dict) -> None:
    word, _, value = line[1:].partition(" ")
    found |= {
        "starttls": lambda: {"starttls": True}, "tls": lambda: {"tls": True}, "in": lambda: {"in": True},
        "mechanisms": lambda: {"mechanisms": tuple(value.split())}, "max": lambda: {"max_script": int(value)},
    }[word]()  # fmt: skip


def opened(found: dict) -> tuple[Driver, bytes]:
    found = {"tls": False, "mechanisms": ("PLAIN",), "in": False, "max_script": 1000, **found}
    config = Config("mail.example", EXTENSIONS, found.get("starttls", False), found["max_script"])
    driver = Driver(config, tls=found["tls"], mechanisms=found["mechanisms"])
    said = driver.engine.data_to_send()
    if found["in"]:
        driver.receive(b'AUTHENTICATE "PLAIN" "AGtpbQBzZWNyZXQ="\r\n')
        driver.told.clear()
        said = b""
    return driver, said


def played(text: str) -> bytes:
    text = re.sub(r"<b64 (.*?)>", lambda m: base64.b64encode(m[1].replace("\\0", "\0").encode()).decode(), text)
    return text.replace("\\r\\n", "\r\n").encode()


def with_literals(lines: list[str]) -> list[str]:
    """Put the lines of literals behind the command that announces them."""
    found: list[str] = []
    for line in lines:
        if line.startswith("L:"):
            found[-1] += "\0" + line[3:]
        else:
            found.append(line)
    return [_sized(line) for line in found]


def _sized(line: str) -> str:
    head, _, rest = line.partition("\0")
    text = "".join(f"{one}\\r\\n" for one in rest.split("\0"))
    return head.replace("{L+}", f"{{{len(played(text))}+}}\\r\\n{text}") if rest else head


def play(path: Path):
    found: dict = {}
    driver, said = None, b""
    for number, line in enumerate(with_literals(path.read_text("utf-8").splitlines()), 1):
        where = f"{path.name}:{number}: {line}"
        kind, text = line[:3], line[3:]
        if line.startswith("@") and driver is None:
            options(line, found)
            continue
        if driver is None and line and not line.startswith("#"):
            driver, said = opened(found)
        if line == "@handshake":
            assert said == b"", where
            driver.handshake()
            said = driver.engine.data_to_send()
        elif kind in {"C: ", "C:", "C+ "}:
            assert said == b"", f"{where}\nserver also said {said!r}"
            said = driver.receive(played(text) + (b"" if kind == "C+ " else b"\r\n"))
        elif kind in {"S: ", "S:"}:
            heard, _, said = said.partition(b"\r\n")
            assert heard == played(text), where
        elif kind == "E: ":
            assert text in driver.told, f"{where}: {driver.told}"
            driver.told.clear()
        else:
            assert not line or line.startswith("#"), where
    assert said == b"", f"unexpected at the end: {said!r}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dialog(path):
    play(path)
