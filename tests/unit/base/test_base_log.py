"""The log: one line an event, whatever a peer puts into it; never in the way of mail."""

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.base import log
from smartmail.base.events import EVENTS


class Broken(io.StringIO):
    """A disk that is full, or a pipe that nobody reads any more."""

    def write(self, text):
        raise BrokenPipeError


@pytest.fixture
def lines():
    stream = io.StringIO()
    log.configure(stream=stream)
    yield stream
    log.configure()


def written(stream):
    return [json.loads(line) for line in stream.getvalue().split("\n")[:-1]]


def test_a_line_tells_when_how_grave_what_and_the_facts(lines):
    before = datetime.now(UTC)
    log.configure(stream=lines, process="edge-1")
    log.event("auth.failed", door="imap", login="kim@hanbit.example", code="auth_failed")
    (line,) = written(lines)
    at = datetime.fromisoformat(line.pop("at"))
    assert abs((at - before).total_seconds()) < 60
    assert at.tzinfo is not None
    assert line == {
        "level": "info",
        "event": "auth.failed",
        "process": "edge-1",
        "door": "imap",
        "login": "kim@hanbit.example",
        "code": "auth_failed",
    }


@pytest.mark.parametrize(
    "forged",
    [
        'kim\n{"level": "info", "event": "auth.ok"}',
        'kim\r\n{"event": "auth.ok"}\r\n',
        'kim", "event": "auth.ok',
        "kim\x00\x1b[2Jauth.ok",
        "kim\u2028auth.ok\u2029\x85\x0b\x0c\x1c\x1d\x1e",
    ],
)
def test_a_peer_cannot_forge_a_line(lines, forged):
    log.event("auth.failed", login=forged)
    (line,) = written(lines)
    assert line["event"] == "auth.failed"
    assert line["login"] == forged
    # Not even for a reader that takes every Unicode line end for one, or shows the file on a terminal.
    text = lines.getvalue()
    assert len(text.splitlines()) == 1
    assert text.rstrip("\n").isprintable()


@given(
    st.text(max_size=60),
    st.text(max_size=20).filter(lambda key: key not in {"at", "level", "event", "process", "name"}),
)
def test_any_text_stays_in_its_line(value, key):
    stream = io.StringIO()
    log.configure(stream=stream)
    try:
        log.event("smtp.rejected", **{key: value})
    finally:
        log.configure()
    assert len(stream.getvalue().splitlines()) == 1
    assert written(stream)[0][key] == value


def test_lone_surrogates_do_not_stop_a_line():
    """What a peer sent as raw octets may have become half a character; a UTF-8 file refuses those."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    log.configure(stream=stream)
    log.event("auth.failed", login="kim\udcff")
    log.event("auth.ok", account=7)
    log.configure()
    assert [json.loads(line)["event"] for line in raw.getvalue().splitlines()] == ["auth.failed", "auth.ok"]


def test_values_of_any_kind_become_text(lines):
    log.event("job.failed", error=ValueError("x"), ids=[1, 2], blob=b"\x00")
    assert written(lines)[0]["ids"] == [1, 2]


def test_an_unknown_event_is_an_error_of_ours(lines):
    with pytest.raises(KeyError):
        log.event("auth.maybe")


@pytest.mark.parametrize(("threshold", "told"), [("debug", 3), ("info", 3), ("warning", 2), ("error", 1)])
def test_the_threshold_keeps_quiet_what_is_below(lines, threshold, told):
    log.configure(stream=lines, threshold=threshold)
    for name in ("auth.ok", "process.died", "volume.full"):
        log.event(name)
    assert len(written(lines)) == told
    assert {EVENTS[name].level for name in ("auth.ok", "process.died", "volume.full")} == {"info", "warning", "error"}


def test_a_full_or_closed_log_never_stops_mail():
    for stream in (Broken(), io.StringIO()):
        stream.close() if not isinstance(stream, Broken) else None
        log.configure(stream=stream)
        log.event("auth.ok")
    log.configure()
