"""The page tells what its script will ask for at once: another thing of who is in than of who is not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from smartmail.edge.httpd.assets import Assets
from smartmail.edge.httpd.wire import Answer, Request

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "</assets/ko-abcdefgh.js>; rel=modulepreload"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    for name in ("ko-abcdefgh.js", "later-ko-abcdefgh.js", "outside-a_c-efgh.js", "outside-abcdefgh.css"):
        (tmp_path / "assets" / name).write_text("")
    (tmp_path / "index.html").write_text("<!doctype html>")
    return tmp_path


def links(root: Path, **headers: str) -> list[str]:
    """Ask for the page; return the values of its `Link` fields."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("a GET has no body")

    fields = [(name.encode(), value.encode()) for name, value in ({"accept-language": "ko"} | headers).items()]
    request = Request({"method": "GET", "path": "/", "headers": fields}, receive)
    asyncio.run(Assets(root, session="/jmap/session").serve(request, Answer(send, [])))
    return [value.decode() for name, value in sent[0]["headers"] if name == b"link"]


def test_who_has_a_session_is_asked_for_it(built: Path) -> None:
    assert links(built, cookie="__Host-smartmail=x") == [
        WORDS,
        "</jmap/session>; rel=preload; as=fetch; crossorigin",
    ]


def test_who_has_none_gets_the_screen_to_sign_in_on(built: Path) -> None:
    assert links(built) == [
        WORDS,
        "</assets/outside-a_c-efgh.js>; rel=modulepreload",
        "</assets/outside-abcdefgh.css>; rel=preload; as=style; crossorigin",
    ]
