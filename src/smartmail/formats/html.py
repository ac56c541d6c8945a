"""Safe HTML of a mail body.

NAME
    html — what a stranger wrote, made fit to stand in a reader's page.
PURPOSE
    `render` gives sanitised HTML, a filtered style sheet and the count of remote things; `to_text` and `from_text`
    (module `html_text`) go between HTML and plain text. It knows nothing of accounts, HTTP or who is reading: the
    caller maps `cid:` references to addresses and decides on remote content.
STATES
    input → `tame` (bounds on cost) → lexbor tree (what must be moved: style sheets, remote images, body colours)
    → nh3, allow-list on its own tree, last step → the same string again through nh3 until nothing changes.
LIMITS
    2 MiB of input, depth, tags and attributes as in `html_tame`, style as in `html_css`. Output that does not settle
    in `_SETTLE` rounds is shown as text.
FAILURE
    Never raises for any input; at the worst the reader sees the text alone (`SafeHtml.plain`).
SECURITY
    No script, event handler, form, frame, SVG, MathML, meta, base or link survives; addresses are http, https,
    mailto, tel and our own; nothing edits the string after the sanitiser. Ids and names get a prefix, so that they
    cannot shadow properties of the document. A frame with `sandbox` and a CSP stand behind this.
STANDARDS
    HTML Standard §13 (parsing), RFC 2392 (cid), RFC 3282 (Content-Language), CSS Syntax Level 3.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from smartmail.formats import html_lang
from smartmail.formats.html_css import MAX_SHEET, filter_sheet, filter_style, prefixed
from smartmail.formats.html_names import ATTRIBUTES, DROPPED, TAGS
from smartmail.formats.html_tame import MAX_HTML, tame
from smartmail.formats.html_text import from_text, to_text
from smartmail.formats.html_trackers import is_tracker

__all__ = ["SafeHtml", "from_text", "render", "sanitise", "to_text"]

# Given the Content-ID without brackets, returns the address under which the part can be fetched, or None.
CidMap = Callable[[str], str | None]
# Given a remote address, returns the one to load instead (image proxy).
Proxy = Callable[[str], str]

ID_PREFIX = "m-"
_SETTLE = 4
_SAMPLE = 64 * 1024
_MARKUP = re.compile(r"<[^>]*>|&[a-z]+;|\s+")

MAX_ATTRIBUTE = 4 * 1024
_WAITING = (("src", "data-remote-src"), ("background", "data-remote-background"))
_ADDRESSES = frozenset({"src", "background"})
_REMOTE = re.compile(r"(?:https?:)?//[^\s/\\?#\"'<>]+[^\s\"'<>]*", re.IGNORECASE)
_LINKABLE = re.compile(r"(?:https?://[^\s/\\?#]|mailto:|tel:)", re.IGNORECASE)
_FRAGMENT = re.compile(r"#[A-Za-z_][\w.:-]{0,200}")
_PICTURE = re.compile(r"data:image/(?:png|gif|jpe?g|webp|bmp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
# What a URL parser throws away, so that `java\tscript:` is `javascript:` (URL Standard §4.4).
_IGNORED_IN_URL = re.compile(r"[\t\r\n]|^[\x00-\x20]+|[\x00-\x20]+$")
_SPACE = re.compile(r"\s")
_NAME = re.compile(r"[\w.:-]{1,200}")
_BARE_HEX = re.compile(r"[0-9A-Fa-f]{6}")
_COLOUR = re.compile(r"#?[0-9A-Za-z]{1,30}")


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """A body ready to be shown.

    `html` is a fragment, `css` a style sheet for its frame, `remote_count` how many remote images the sender wanted
    (not loaded unless allowed), `tracker_count` how many of them show nothing (never loaded), `lang` a BCP 47 tag or
    empty, `plain` whether markup had to be given up.
    """

    html: str
    css: str = ""
    remote_count: int = 0
    lang: str = ""
    plain: bool = False
    tracker_count: int = 0


@dataclass(slots=True)
class _Policy:
    """One rendering: what may be loaded, and what was asked for; `writing`: of a letter of our own."""

    cid: CidMap | None = None
    allow_remote: bool = False
    proxy: Proxy | None = None
    remote_count: int = 0
    tracker_count: int = 0
    writing: bool = False
    # Addresses that this rendering wrote itself: no other may stand in `src` once nh3 has run.
    issued: set[str] = field(default_factory=set)
    styles: dict[str, str] = field(default_factory=dict)

    def address(self, url: str) -> str | None:
        """Return the address under which an image is loaded now, or None; counts what is remote."""
        url = _SPACE.sub("%20", _clean_url(url))
        lowered = url[:5].lower()
        if lowered.startswith("cid:"):
            target = self.cid(_content_id(url)) if self.cid is not None else None
        elif lowered == "data:":
            target = url if _PICTURE.fullmatch(url) else None
        else:
            target = self._remote(url)
        if target is not None:
            self.issued.add(target)
        return target

    def _remote(self, url: str) -> str | None:
        if not _REMOTE.fullmatch(url):
            return None
        self.remote_count += 1
        url = "https:" + url if url.startswith("//") else url
        if not self.allow_remote:
            return None
        return self.proxy(url) if self.proxy is not None else url

    def first_style(self, value: str) -> str:
        """Filter a style as the sender wrote it, asking `address` for each url()."""
        if value in self.styles:
            return self.styles[value]
        filtered = filter_style(value, self.address)
        # Its own filtered form passes again; what may hold an address is counted each time it stands somewhere.
        self.styles[filtered] = filtered
        if "(" not in value and "\\" not in value:
            self.styles[value] = filtered
        return filtered

    def issued_only(self, url: str) -> str | None:
        """The rule of the last step: nothing but what `address` gave out, and pictures within the mail."""
        return url if url in self.issued or _PICTURE.fullmatch(url) else None

    def style(self, value: str) -> str | None:
        """The style rule of the last step; mails repeat the same few, so each is read once."""
        known = self.styles.get(value)
        if known is None:
            known = self.styles[value] = filter_style(value, self.issued_only)
        return known or None


def render(
    html: str,
    *,
    cid: CidMap | None = None,
    lang: str | None = None,
    charset: str | None = None,
    allow_remote: bool = False,
    proxy: Proxy | None = None,
) -> SafeHtml:
    """Return the safe form of an HTML body.

    `lang` is the declared Content-Language, `charset` that of the part (a hint for the language). Remote addresses
    wait in `data-remote-src` and `data-remote-background` unless `allow_remote`; then they go through `proxy`, but for
    pictures that show nothing (`html_trackers`), which are counted and never loaded.
    """
    policy = _Policy(cid=cid, allow_remote=allow_remote, proxy=proxy)
    prepared, css = _prepare(tame(html), policy)
    cleaned = _settle(prepared, policy)
    sample = _MARKUP.sub(" ", (html if cleaned is None else cleaned)[:_SAMPLE])
    tag = html_lang.guess(sample, declared=lang, charset=charset)
    plain = cleaned is None
    if cleaned is None:
        cleaned, css = from_text(to_text(html)), ""
    return SafeHtml(cleaned, css, policy.remote_count, tag, plain, policy.tracker_count)


def sanitise(html: str) -> str:
    """Return HTML of our own editor, safe to keep and to send: `cid:` and remote images stay as they are."""
    policy = _Policy(cid=lambda content_id: "cid:" + content_id, allow_remote=True, writing=True)
    prepared, _ = _prepare(tame(html), policy)
    cleaned = _settle(prepared, policy)
    return from_text(to_text(html)) if cleaned is None else cleaned


def embedded_ids(html: str) -> frozenset[str]:
    """Return the Content-IDs of the pictures that `render` would show in their places."""
    found: set[str] = set()

    def note(content_id: str) -> None:
        found.add(content_id)

    _prepare(tame(html), _Policy(cid=note))
    return frozenset(found)


def _settle(html: str, policy: _Policy) -> str | None:
    """Run the sanitiser until its output parses to itself; None when it does not (a parser differential)."""
    if len(html) > 4 * MAX_HTML:
        return None
    cleaner = _cleaner(policy)
    for _ in range(_SETTLE):
        before, html = html, cleaner.clean(html)
        if before == html:
            return html
    return None


def _cleaner(policy: _Policy) -> nh3.Cleaner:
    def keep(_tag: str, name: str, value: str) -> str | None:
        return _keep(name, value, policy)

    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=DROPPED,
        attributes=ATTRIBUTES,
        attribute_filter=keep,
        strip_comments=True,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto", "tel", "data", "cid"},
        url_relative="pass_through",
    )


def _keep(name: str, value: str, policy: _Policy) -> str | None:
    """The attribute rule of the last step. Returns the value to write or None to drop the attribute."""
    if name in _ADDRESSES:
        return policy.issued_only(value)
    if name == "style":
        return policy.style(value)
    if len(value) > MAX_ATTRIBUTE:
        return None
    if name == "href":
        return _link(value)
    if name in {"id", "name"}:
        return prefixed(value, ID_PREFIX) if _NAME.fullmatch(value) else None
    if name in {"data-remote-src", "data-remote-background", "cite"}:
        return value if _REMOTE.fullmatch(value) else None
    if name == "lang":
        return html_lang.normalise(value) or None
    return value


def _link(value: str) -> str | None:
    value = _clean_url(value)
    if _FRAGMENT.fullmatch(value):
        return "#" + prefixed(value[1:], ID_PREFIX)
    return value if _LINKABLE.match(value) else None


def _clean_url(url: str) -> str:
    return _IGNORED_IN_URL.sub("", url)


def _content_id(url: str) -> str:
    """RFC 2392 §2: a cid URL is the Content-ID without brackets, percent-encoded."""
    text = url[4:].strip("<>")
    if "%" not in text:
        return text
    raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), text.encode("utf-8", "replace"))
    return raw.decode("utf-8", "replace")


# -- before the sanitiser: what has to be moved ---------------------------------------------------------------------


def _prepare(html: str, policy: _Policy) -> tuple[str, str]:
    """Return (HTML with images and body rewritten, filtered style sheet)."""
    tree = LexborHTMLParser(html)
    body = tree.body
    if body is None:
        # A frameset has no body.
        return "", ""
    sheets = _take_sheets(tree, policy)
    # A node comes once for each selector that it fits; counted twice, one picture would be two.
    for node in {node.mem_id: node for node in tree.css("img, [background], [style]")}.values():
        _move_addresses(node, policy)
    inner = body.inner_html or ""
    wrap = _body_style(body, policy)
    return (f"<div{wrap}>{inner}</div>" if wrap else inner), sheets


def _take_sheets(tree: LexborHTMLParser, policy: _Policy) -> str:
    out: list[str] = []
    room = MAX_SHEET
    for node in tree.css("style"):
        text = node.text() or ""
        if room > 0:
            out.append(filter_sheet(text[:room], policy.address, id_prefix=ID_PREFIX))
        room -= len(text)
    return "\n".join(sheet for sheet in out if sheet)


def _move_addresses(node: LexborNode, policy: _Policy) -> None:
    attributes = node.attributes
    for name, waiting in _WAITING:
        url = attributes.get(name) or attributes.get(waiting)
        if url and (name == "background" or node.tag == "img"):
            _place(node, name, waiting, url, policy)
    style = attributes.get("style")
    if style:
        filtered = policy.first_style(style)
        if filtered != style:
            node.attrs["style"] = filtered


def _place(node: LexborNode, name: str, waiting: str, url: str, policy: _Policy) -> None:
    before = policy.remote_count
    target = policy.address(url)
    remote = policy.remote_count > before
    if remote and name == "src" and is_tracker(node.attributes) and not policy.writing:
        policy.tracker_count += 1
        target = None
    written = node.attrs
    for stale in (name, waiting):
        if stale in written:
            del written[stale]
    if target is not None:
        written[name] = target
    elif remote:
        cleaned = _SPACE.sub("%20", _clean_url(url))
        written[waiting] = "https:" + cleaned if cleaned.startswith("//") else cleaned


def _body_style(body: LexborNode, policy: _Policy) -> str:
    """The look of `<body>` moves to a wrapper, because a fragment has no body."""
    attributes = body.attributes
    parts: list[str] = []
    for name, prop in (("bgcolor", "background-color"), ("text", "color")):
        value = attributes.get(name) or ""
        if _COLOUR.fullmatch(value):
            parts.append(f"{prop}:{'#' if _BARE_HEX.fullmatch(value) else ''}{value}")
    parts.append(filter_style(attributes.get("style") or "", policy.address))
    style = filter_style(";".join(part for part in parts if part), policy.issued_only)
    written = {"style": style} | {name: attributes.get(name) or "" for name in ("class", "dir", "lang", "id")}
    return "".join(f' {name}="{escape(value)}"' for name, value in written.items() if value)
