"""Pages without a script that single doors answer with: one look, the reader's language, everything escaped.

Their looks are the tokens of the design system (web/ui/tokens.css) in a stylesheet of their own, for the pages' policy
allows no style inside them.
"""

from collections.abc import Iterable
from html import escape

from smartmail.base.i18n import FALLBACK, LANGUAGES
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request

HTML = "text/html; charset=utf-8"
_STYLE_PATH = "/plain.css"
_STYLE = b"""\
:root{--bg:oklch(.985 .003 255);--surface:oklch(1 0 0);--line:oklch(.91 .008 255);--text:oklch(.24 .02 258);
--accent:oklch(.52 .17 258);--on-accent:oklch(1 0 0);color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--bg:oklch(.19 .012 258);--surface:oklch(.225 .014 258);--line:oklch(.32 .015 258);
--text:oklch(.93 .008 255);--accent:oklch(.72 .13 258);--on-accent:oklch(.19 .012 258)}}
*{box-sizing:border-box}
body{margin:0;padding:16px;background:var(--bg);color:var(--text);line-height:1.6;word-break:keep-all;overflow-wrap:anywhere;
font:14px/1.6 "Pretendard Variable",system-ui,"Apple SD Gothic Neo","Malgun Gothic","Noto Sans CJK KR",sans-serif}
main{max-width:460px;margin:8vh auto 0;padding:24px;background:var(--surface);border:1px solid var(--line);border-radius:10px}
h1{margin:0 0 16px;font-size:20px;font-weight:600}
p{margin:0 0 8px}
form{display:flex;gap:8px;margin-top:20px}
button{min-height:44px;padding:0 20px;border:1px solid var(--line);border-radius:6px;background:var(--surface);
color:var(--text);font:inherit;cursor:pointer}
label{display:flex;flex-wrap:wrap;align-items:center;gap:8px}
input,textarea{min-height:44px;max-width:100%;padding:0 10px;border:1px solid var(--line);border-radius:6px;background:var(--surface);
color:var(--text);font:inherit}
textarea{width:100%;padding:10px}
input[type=file]{padding:10px}
form.long{flex-direction:column}
form{flex-wrap:wrap}
button:first-of-type{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:600}
button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
"""


def language_of(accepted: str) -> str:
    """Return the first of our languages that a browser names (RFC 9110 §12.5.4, in its order), else English."""
    for part in accepted[:500].split(","):
        tag = part.partition(";")[0].strip().lower()
        if tag in {"zh-tw", "zh-hk", "zh-mo"} or tag.startswith("zh-hant"):
            return "zh-Hant"
        if tag.startswith("zh"):
            return "zh-Hans"
        for language in LANGUAGES:
            if tag.partition("-")[0] == language:
                return language
    return FALLBACK


def page(language: str, title: str, lines: Iterable[str], form: str = "", *, head: str = "") -> bytes:
    """Return a page of a title and lines of text; `form` and `head` are markup of ours."""
    name = escape(title)
    text = "".join(f"<p>{escape(one)}</p>" for one in lines)
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">{head}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{_STYLE_PATH}"><title>{name}</title>'
        f"<main><h1>{name}</h1>{text}{form}</main></html>"
    ).encode("utf-8", "replace")


def button_form(text: str) -> str:
    """Return a form with one button that asks the same address by POST; nothing for no text."""
    return f'<form method="post"><button>{escape(text)}</button></form>' if text else ""


def routes() -> list[tuple[str, str, Handler]]:
    """Return (method, path, handler) of the stylesheet."""
    return [("GET", _STYLE_PATH, _style)]


async def _style(_request: Request, answer: Answer) -> None:
    await answer.whole(200, _STYLE, "text/css", [("cache-control", "public, max-age=86400")])
