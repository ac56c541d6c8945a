r"""Golden dialogs of the client engines of POP3 and IMAP, one story a file in `pop3_client/` and `imap_client/`.

Language, one statement a line:
    # comment
    S: text    the server sends text and CRLF; S+: the same, together with the next line
    D: call    the driver calls a method of the engine (`command X`, `stream X`, `ask X`, `list_ X`, `retrieve N` …)
    C: text    the next line that the engine sends
    E: begin   the next event begins so (`repr`); chunks are none
    M: text    a line of the message that came in chunks
Each story runs three times: as written, octet by octet, and with all that comes at once.
"""

from pathlib import Path

import pytest

from smartmail.proto.imap import client as imap
from smartmail.proto.pop3 import client as pop3

HERE = Path(__file__).parent
STORIES = [
    *(pytest.param(pop3, path, id=f"pop3-{path.stem}") for path in sorted((HERE / "pop3_client").glob("*.txt"))),
    *(pytest.param(imap, path, id=f"imap-{path.stem}") for path in sorted((HERE / "imap_client").glob("*.txt"))),
]


class Story:
    def __init__(self, module):
        self.module = module
        self.engine = module.ClientEngine()
        self.events, self.sent, self.message = [], [], b""

    def feed(self, octets: bytes, step: int) -> None:
        for at in range(0, len(octets), step):
            self.engine.receive_data(octets[at : at + step])
            self.pump()

    def pump(self) -> None:
        while (event := self.engine.next_event()) is not None:
            if isinstance(event, self.module.Chunk):
                self.message += event.octets
            else:
                self.events.append(event)
            if isinstance(event, self.module.Broken):
                return

    def call(self, text: str) -> None:
        name, _, rest = text.partition(" ")
        if name == "stream":
            self.engine.command(rest, streams=True)
        elif name == "retrieve":
            self.engine.retrieve(int(rest))
        elif name == "respond":
            self.engine.respond(rest.encode())
        else:
            getattr(self.engine, name)(*([rest] if rest else []))
        self.sent += self.engine.data_to_send().decode().split("\r\n")[:-1]


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize(("module", "path"), STORIES)
def test_a_story(module, path, step):
    story, held, lines = Story(module), b"", []
    for statement in path.read_text().splitlines():
        kind, _, text = statement.partition(": ")
        if kind.rstrip(":") in {"S", "S+"}:
            held += text.encode() + b"\r\n"
            if kind.startswith("S+"):
                continue
            # Octets that came together are looked at together: an engine cannot tell else that they came too early.
            story.feed(held, len(held) if b"injected" in held or b"\r\n* CAP" in held else step)
            held = b""
        elif kind == "D":
            story.call(text)
        elif kind == "C":
            assert story.sent.pop(0) == text
        elif kind == "M":
            lines.append(text)
        elif kind == "E":
            if not story.events and "connection ended" in text:
                story.events.append(story.engine.connection_lost())
            assert repr(story.events.pop(0)).startswith(text)
    assert story.events == [] and story.sent == []
    assert story.message == "".join(f"{line}\r\n" for line in lines).encode()
