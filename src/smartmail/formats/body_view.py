"""A text part of a message as safe HTML: the work that hostile octets can make long, told and answered in plain values.

So that it can be done by a child that may be killed. Must not know accounts, keys or HTTP: addresses of pictures come in by
`BodyTask.cids` and `fetched`, which may be asked once for each picture of a stranger.
"""

from collections.abc import Callable

import msgspec

from smartmail.formats import charset
from smartmail.formats.html import SafeHtml, from_text, render
from smartmail.formats.html_lang import guess
from smartmail.formats.mime.transfer import decode_body


class BodyTask(msgspec.Struct, frozen=True):
    """How a part is written (`media_type`, transfer `encoding`, `charset`, declared `language`, RFC 3676 flags), and what may
    be shown with it: `cids` are addresses of pictures of the same message by their Content-ID; `addresses` those under which
    pictures of strangers are loaded by their own, None where none are loaded.
    """

    media_type: str
    encoding: str
    charset: str
    language: str = ""
    is_flowed: bool = False
    is_delsp: bool = False
    cids: dict[str, str] = {}
    addresses: dict[str, str] | None = None


class BodyView(msgspec.Struct, frozen=True):
    """What is shown. `asked`: pictures of strangers without an address yet; they are in `body` under none that leads anywhere."""

    body: SafeHtml
    asked: tuple[str, ...] = ()


def body_view(task: BodyTask, octets: bytes, fetched: Callable[[str], str] | None = None) -> BodyView:
    """Return a part as safe HTML. `fetched` gives the address of what `task.addresses` does not hold. Never raises for `octets`."""
    text = charset.decode(decode_body(octets, task.encoding), task.charset)[0]
    if task.media_type == "text/html":
        return _html_view(task, text, fetched)
    html = from_text(text, flowed=task.is_flowed, delsp=task.is_flowed and task.is_delsp)
    lang = guess(text, declared=task.language or None, charset=task.charset)
    return BodyView(SafeHtml(html, lang=lang, plain=True))


def _html_view(task: BodyTask, text: str, fetched: Callable[[str], str] | None) -> BodyView:
    known = task.addresses or {}
    asked: dict[str, None] = {}

    def proxy(url: str) -> str:
        if url in known:
            return known[url]
        if fetched is not None:
            return fetched(url)
        asked[url] = None
        return ""

    body = render(
        text, cid=task.cids.get, lang=task.language or None, charset=task.charset,
        allow_remote=task.addresses is not None, proxy=proxy,
    )  # fmt: skip
    return BodyView(body, tuple(asked))
