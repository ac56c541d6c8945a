r"""Golden dialogs of the SMTP server engine, one story a file in `smtp/`.

Language, one statement a line:
    # comment
    config: size=1000 protocol=lmtp starttls auth=PLAIN,LOGIN auth_required auth_cleartext tls_required tls limits.errors=2
    handler: RCPT bob@x.example 550 5.1.1 No such address     (what the driver answers; `*` for any argument)
    C: text        the client sends text and CRLF; \r \n \t \0 \\ and \xNN are read; lines without S between go at once
    C<: text       the same without CRLF
    S: regex       the next line of the server
    E: regex       the next event of that kind was told (`repr`), in order; others may lie between
    M: text        a line of the last accepted message; all M lines together are the whole of it
    messages: n    how many messages were accepted
    TLS            the handshake is made
    hello: line    greeting, this hello, and its positive answer of any lines
    closed / open  the engine has / has not closed the dialog
"""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from smartmail.proto.smtp import events as ev
from smartmail.proto.smtp.config import Limits, ServerConfig
from smartmail.proto.smtp.reply import Reply
from smartmail.proto.smtp.server import ServerEngine

STORIES = sorted((Path(__file__).parent / "smtp").glob("*.txt"))


class ScriptedDriver:
    """Answers events as the story says, accepts all else, keeps what was accepted."""

    def __init__(self, config, tls, rules):
        self.engine = ServerEngine(config, tls=tls)
        self.rules = rules
        self.told = []
        self.current = b""
        self.accepted = []
        self.lines = []

    def pump(self):
        while (event := self.engine.next_event()) is not None:
            self.told.append(event)
            self.note(event)
            if isinstance(event, ev.ASKS):
                self.answer(event)
        data = self.engine.data_to_send()
        assert data.endswith(b"\r\n") or not data
        self.lines += data.decode("ascii").split("\r\n")[:-1]

    def note(self, event):
        if isinstance(event, ev.DataStart):
            self.current = b""
        elif isinstance(event, ev.Chunk):
            self.current += event.data

    def answer(self, event):
        reply = self.ruled(event)
        if isinstance(event, ev.DataEnd):
            if reply is None:
                self.accepted.append(self.current)
            if isinstance(reply, list):
                self.accepted.append(self.current)
                self.engine.send_each(reply)
                return
        if reply is None:
            self.engine.accept()
        else:
            self.engine.send(reply)

    def ruled(self, event):
        verb = type(event).__name__.upper()
        subject = {"MAIL": lambda: event.path.address, "RCPT": lambda: event.path.address}.get(verb, lambda: "")()
        if verb == "AUTH":
            subject = f"{event.authzid}:{event.authcid}:{event.password}"
        if verb == "HELLO":
            subject = event.name
        matching = [reply for name, argument, reply in self.rules if name == verb and argument in {subject, "*"}]
        if verb == "DATAEND" and len(matching) > 1:
            return matching
        return matching[0] if matching else None


def read_config(text):
    known = {field.name for field in fields(ServerConfig)}
    values, limits, tls = {}, {}, False
    for word in text.split():
        key, equals, value = word.partition("=")
        if key == "tls":
            tls = True
        elif key == "auth":
            values["mechanisms"] = tuple(value.split(","))
        elif key.startswith("limits."):
            limits[key[7:]] = int(value)
        else:
            assert key in known, key
            values[key] = (int(value) if value.isdigit() else value) if equals else True
    for flag in ("smtputf8", "chunking", "dsn", "strict_pipelining"):
        if values.get(flag) == "no":
            values[flag] = False
    return replace(ServerConfig("mx.example.com"), limits=replace(Limits(), **limits), **values), tls


def read_rule(text):
    verb, argument, code, enhanced, words = text.split(" ", 4)
    return verb, argument, Reply(int(code), "" if enhanced == "-" else enhanced, words)


def unescape(text):
    names = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}

    def value(match):
        return names[match[1]] if match[1] in names else bytes([int(match[2], 16)])

    parts = re.split(r"(\\(?:[rnt0\\]|x[0-9A-F]{2}))", text)
    return b"".join(
        value(re.match(r"\\(?:([rnt0\\])|x(..))", part)) if part.startswith("\\") else part.encode() for part in parts
    )


class Story:
    def __init__(self, path):
        self.statements = [
            (number, line)
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if line and not line.startswith("#")
        ]
        self.config, self.tls, self.rules = read_config("")[0], False, []
        self.driver = None
        self.group = b""
        self.event_index = 0
        self.message = []

    def play(self):
        for number, line in self.statements:
            word, _, rest = line.partition(" ")
            try:
                self.step(word, rest)
            except AssertionError as error:
                raise AssertionError(f"line {number}: {line}\n{error}") from None
        self.flush()
        if self.message:
            assert self.driver.accepted[-1] == b"".join(line.encode() + b"\r\n" for line in self.message)
        assert self.driver.lines == [], "the server said more than the story tells"

    def flush(self):
        if self.driver is None:
            self.driver = ScriptedDriver(self.config, self.tls, self.rules)
            self.driver.pump()
        if self.group:
            group, self.group = self.group, b""
            self.driver.engine.receive_data(group)
            self.driver.pump()

    def step(self, word, rest):
        if word == "config:":
            self.config, self.tls = read_config(rest)
        elif word == "handler:":
            self.rules.append(read_rule(rest))
        elif word in {"C:", "C<:"}:
            if self.driver is None:
                self.flush_early(rest)
            self.group += unescape(rest) + (b"\r\n" if word == "C:" else b"")
        else:
            self.flush()
            self.expect(word, rest)

    def hello(self, line):
        assert len(self.driver.lines) <= 1
        self.driver.lines.clear()
        self.group = line.encode() + b"\r\n"
        self.flush()
        assert self.driver.lines
        assert all(line.startswith("250") for line in self.driver.lines), self.driver.lines
        self.driver.lines.clear()

    def flush_early(self, _rest):
        """A story that begins with C has a peer that talks before the greeting."""
        self.driver = ScriptedDriver(self.config, self.tls, self.rules)

    def expect(self, word, rest):
        driver = self.driver
        if word == "S:":
            assert driver.lines, "the server said nothing"
            line = driver.lines.pop(0)
            assert re.fullmatch(rest, line), f"server said: {line}"
        elif word == "E:":
            texts = [repr(event) for event in driver.told[self.event_index :]]
            found = next((i for i, text in enumerate(texts) if re.match(rest, text)), None)
            assert found is not None, f"events: {texts}"
            self.event_index += found + 1
        elif word == "M:":
            self.message.append(rest)
        elif word == "messages:":
            assert len(driver.accepted) == int(rest), driver.accepted
        elif word == "hello:":
            self.hello(rest)
        elif word == "TLS":
            driver.engine.tls_started()
        elif word in {"closed", "open"}:
            assert driver.engine.closed == (word == "closed")
        else:
            raise AssertionError(f"unknown statement {word}")


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_dialog_goes_as_the_story_tells(path):
    Story(path).play()


def test_there_are_enough_stories():
    assert len(STORIES) >= 40
