"""The looks of the pages of /basic: one small stylesheet, a head line, forms; everything of others is escaped.

LIMITS  A page with its stylesheet stays below 20 KB beside the text of a letter. Tables of one row a letter, so that text browsers show them too.
"""

from html import escape
from typing import Final

from smartmail.base.i18n import translate
from smartmail.edge.httpd.plain_pages import HTML
from smartmail.edge.httpd.wire import Answer

STYLE_PATH: Final = "/basic/style.css"
STYLE: Final = b"""\
:root{--bg:#fafbfc;--surface:#fff;--line:#dde1e7;--text:#1c222b;--soft:#5a6472;--accent:#2459b8;--on:#fff;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--bg:#14171d;--surface:#1c2028;--line:#363c47;--text:#e6e9ee;--soft:#a3acb9;
--accent:#86aef2;--on:#14171d}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);word-break:keep-all;overflow-wrap:anywhere;
font:15px/1.6 "Pretendard Variable",system-ui,"Apple SD Gothic Neo","Malgun Gothic","Noto Sans CJK KR",sans-serif}
a{color:var(--accent)}
header{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;padding:10px max(16px,50vw - 500px);background:var(--surface);
border-bottom:1px solid var(--line)}
header form,.acts form{display:flex;gap:8px;margin:0}
header .who{margin-left:auto;color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;max-width:1000px;margin:0 auto;padding:10px 16px}
nav a{padding:4px 0}
nav a[aria-current]{color:var(--text);font-weight:600;text-decoration:none}
main{max-width:1000px;margin:0 auto;padding:0 16px 32px}
main.small{max-width:440px;margin-top:8vh}
h1{margin:12px 0;font-size:20px;font-weight:600}
table{width:100%;border-collapse:collapse;background:var(--surface);border:1px solid var(--line);table-layout:fixed}
td{padding:9px 12px;border-bottom:1px solid var(--line);vertical-align:top}
td a{color:inherit;text-decoration:none}
td a:hover{text-decoration:underline}
.from{width:26%}.when{width:176px;color:var(--soft);text-align:right;white-space:nowrap}
.new{font-weight:600}
pre{margin:0;padding:16px;white-space:pre-wrap;font:inherit;background:var(--surface);border:1px solid var(--line)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:0 0 12px}
dt{color:var(--soft)}dd{margin:0}
label{display:block;margin:10px 0 4px}
input,textarea,select,button,.button{font:inherit;color:inherit;background:var(--surface);border:1px solid var(--line);border-radius:6px}
input,textarea,select{padding:8px 10px}
.whole input,.whole textarea,.whole select{width:100%}
button,.button{display:inline-block;min-height:40px;padding:6px 16px;cursor:pointer;text-decoration:none;color:var(--text)}
.chief{background:var(--accent);border-color:var(--accent);color:var(--on);font-weight:600}
.acts{display:flex;flex-wrap:wrap;gap:8px;margin:14px 0}
.note{padding:10px 12px;border:1px solid var(--line);border-left:4px solid var(--accent);background:var(--surface)}
.soft{color:var(--soft)}
a:focus-visible,input:focus-visible,textarea:focus-visible,select:focus-visible,button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.paper{display:none}
.uncopied main{-webkit-user-select:none;user-select:none}
@media(max-width:600px){td{display:block;border:0;padding:2px 12px}tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}
.from,.when{width:auto;text-align:left}header .who{margin-left:0;flex:1}header .find{width:100%}.find input{flex:1;min-width:0}}
@media print{header,nav,.acts{display:none}.unprinted main{display:none}.unprinted .paper{display:block}}
"""
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Without a referrer a browser sends "Origin: null" with a form (Fetch §3.2), which could be anybody's.
HEADERS: Final = (("content-security-policy", POLICY), ("referrer-policy", "same-origin"))


class Words:
    """Texts of one reader's language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def raw(self, key: str, **values: object) -> str:
        """Return a text as it is."""
        return translate(self.language, f"basic.{key}", **values)

    def __call__(self, key: str, **values: object) -> str:
        """Return a text as markup."""
        return escape(self.raw(key, **values))


def hidden(**fields: str) -> str:
    """Return hidden fields."""
    return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())


def button(text: str, *, chief: bool = False, more: str = "") -> str:
    """Return a button; `text` and `more` are markup."""
    return f"<button{' class=chief' if chief else ''}{more}>{text}</button>"


def field(label: str, name: str, value: str = "", more: str = "") -> str:
    """Return a labelled line; `label` and `more` are markup."""
    return f'<label for="{name}">{label}</label><input id="{name}" name="{name}" value="{escape(value)}"{more}>'


def shell(
    words: Words,
    title: str,
    body: str,
    *,
    before: str = "",
    small: bool = False,
    printable: bool = True,
    copyable: bool = True,
) -> bytes:
    """Return a page. `title` is text; `body` and `before` are markup of ours."""
    kept = [name for name, may in (("unprinted", printable), ("uncopied", copyable)) if not may]
    marks = f' class="{" ".join(kept)}"' if kept else ""
    paper = "" if printable else f'<p class="paper">{words("print.refused")}</p>'
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="/icon-192.png">'
        f'<link rel="stylesheet" href="{STYLE_PATH}"><title>{escape(title)} · SmartMail</title></head>'
        f"<body{marks}>{before}<main{' class=small' if small else ''}>{body}</main>{paper}</body></html>"
    ).encode("utf-8", "replace")


async def show(answer: Answer, page: bytes, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> None:
    """Answer with a page."""
    await answer.whole(status, page, HTML, (*HEADERS, *headers))


async def go(answer: Answer, place: str, *headers: tuple[str, str]) -> None:
    """Send the browser on, with GET (RFC 9110 §15.4.4)."""
    await answer.whole(303, headers=[("location", place), *headers])
