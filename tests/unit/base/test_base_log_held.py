"""Lines that wait for others: what is urgent takes them along, and nothing waits for long."""

import io
import json
import threading
from collections.abc import Iterator

import pytest

from smartmail.base import log


class Told(io.StringIO):
    """A stream that says when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def write(self, text: str) -> int:
        self.written.set()
        return super().write(text)

    def names(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.getvalue().splitlines()]


@pytest.fixture(autouse=True)
def _afterwards() -> Iterator[None]:
    yield
    log.configure()


def test_an_urgent_line_takes_those_before_it_along() -> None:
    stream = Told()
    log.configure(stream=stream, hold_s=3600)
    log.event("smtp.accepted", id="1")
    assert stream.getvalue() == ""
    log.event("process.hung")
    assert stream.names() == ["smtp.accepted", "process.hung"]


def test_a_held_line_leaves_by_itself() -> None:
    stream = Told()
    log.configure(stream=stream, hold_s=0.01)
    log.event("smtp.accepted", id="1")
    assert stream.written.wait(5)
    assert stream.names() == ["smtp.accepted"]


def test_flush_writes_what_is_held() -> None:
    stream = Told()
    log.configure(stream=stream, hold_s=3600)
    log.event("smtp.accepted", id="1")
    log.flush()
    assert stream.names() == ["smtp.accepted"]


def test_what_json_cannot_say_is_still_told() -> None:
    stream = Told()
    log.configure(stream=stream)
    log.event("auth.failed", login="a\udc80", number=2**70, error=ValueError("x"))
    line = json.loads(stream.getvalue())
    assert (line["number"], line["error"]) == (2**70, "x")
