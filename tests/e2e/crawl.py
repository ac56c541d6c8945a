"""Looking at a screen as people of every language see it, at a desk and on a phone: what is cut off, hangs over, was not
translated or cannot be hit. A view is opened once, in Korean; then the language changes under it.
"""

from __future__ import annotations

import base64
import json
import pathlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Locator, Page, Response, expect
from tests.e2e.demo_desk import EVERYTHING, OF_COLOURS, OF_MORE_CONTRAST, asked_at, violations
from tests.strength import FULL

if TYPE_CHECKING:
    from collections.abc import Callable

WEB = pathlib.Path(__file__).parents[2] / "web"
SOURCES = WEB / "webmail" / "src"
PSEUDO = "pseudo"
"""English with marks, 40 % longer, between brackets: served in the place of English."""
_MARKED = str.maketrans("aceginosuyzACEINOSUYZ", "áçéğïñöšuýžÅÇÉÎÑØŠÛÝŽ")
_PLACE = re.compile(r"\{\w+\}")
_WORDS = ("*/en-*.js", "*/later-en-*.js")
_NAMES_OF_KEYS = re.compile(r"\b[a-z][A-Za-z]*(?:\.[A-Za-z0-9]+)+\b(?!@)")
STILL_MS = 120
NOT_FOUND = 404
SETTLED = """(ms) => new Promise((done) => {
  let timer = setTimeout(done, ms);
  const seen = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, ms); });
  seen.observe(document, { subtree: true, childList: true, characterData: true });
  setTimeout(done, 4000);
})"""
_SPEAK_AT_DEMO = """(language) => void demo.server.handle({ using: [], methodCalls:
  [['UserPreferences/set', { update: { singleton: { 'values/language': language } } }, 'a']] })"""
# As another window of the same person does it.
_SPEAK_AT_NODE = """async (language) => {
  const session = await (await fetch('/.well-known/jmap')).json();
  const accountId = session.primaryAccounts['urn:ietf:params:jmap:mail'];
  const using = Object.keys(session.capabilities);
  const methodCalls = [['UserPreferences/set', { accountId, update: { singleton: { 'values/language': language } } }, 'a']];
  const answer = await fetch(new URL(session.apiUrl).pathname, { method: 'POST', body: JSON.stringify({ using, methodCalls }),
    headers: { 'Content-Type': 'application/json', 'X-SmartMail': '1' } });
  const [name, said] = (await answer.json()).methodResponses[0];
  if (name === 'error' || said.notUpdated?.singleton) throw new Error(JSON.stringify(said));
  new BroadcastChannel('smartmail').postMessage('preferences');
}"""
# What would stand over the next screen. A letter's window is not closed by Escape: its page is left.
_STANDS_OPEN = "document.querySelector('dialog[open], [popover]:popover-open, [role=dialog], [role=menu], section.window') !== null"
_ABSENT = "(css) => document.querySelector(css) === null"
_SPOKEN = "(code) => document.documentElement.lang === code"
_CLOSING = 3
_KEPT_ON_DEVICE = "(language) => localStorage.setItem('smartmail.settings', JSON.stringify({ language }))"
_LOOK = (pathlib.Path(__file__).parent / "crawl.js").read_text("utf-8")


def pseudo(message: object) -> object:
    """As `web/i18n/src/pseudo.ts` has it."""
    if isinstance(message, dict):
        return {form: pseudo(text) for form, text in message.items()}
    text = str(message)
    parts = re.split(r"(\{\w+\})", text)
    marked = "".join(part if _PLACE.fullmatch(part) else part.translate(_MARKED) for part in parts)
    return f"[{marked} {'~' * max(1, -(-len(_PLACE.sub('', text)) * 4 // 10))}]"


def catalogue(language: str) -> dict[str, object]:
    """All texts of the webmail in a language."""
    return json.loads((WEB / "i18n" / "catalogues" / f"{language}.json").read_text("utf-8"))  # type: ignore[no-any-return]


def serve_pseudo(page: Page, *, when: bool) -> None:
    """From now on this page gets the pseudo-locale where it asks for English."""
    if not when:
        return
    texts = {key: pseudo(message) for key, message in catalogue("en").items()}
    module = base64.b64encode(f"export default {json.dumps(texts)};".encode()).decode()
    # Not by `page.route`: this would turn the cache of the browser off, and each view begins with the whole app.
    tools = page.context.new_cdp_session(page)

    def answer(paused: dict[str, Any]) -> None:
        headers = [{"name": "Content-Type", "value": "text/javascript"}]
        told = {"requestId": paused["requestId"], "responseCode": 200, "responseHeaders": headers, "body": module}
        tools.send("Fetch.fulfillRequest", told)

    tools.on("Fetch.requestPaused", answer)
    tools.send("Fetch.enable", {"patterns": [{"urlPattern": pattern} for pattern in _WORDS]})
    # Its worker would answer in place of the network.
    page.add_init_script("delete Navigator.prototype.serviceWorker")


@dataclass
class Visit:
    """Somebody who looks at one screen after the other."""

    page: Page
    site: str
    size: str
    folder: pathlib.Path
    languages: tuple[str, ...]
    speak: Callable[[str], None]
    keeps: bool = False
    """A server keeps the choice of a language."""
    korean: dict[str, object] = field(default_factory=lambda: catalogue("ko"))
    wrong: list[tuple[str, str, str, object]] = field(default_factory=list)
    _opened: set[str] = field(default_factory=set)
    """Addresses that were opened from nothing, or are at the other size."""
    _anew: bool = False
    """The next address is opened from nothing, whatever it is."""

    def __post_init__(self) -> None:
        """Hear what the page complains of."""
        self.page.on("response", self._answered)
        self.page.on("pageerror", lambda error: self.wrong.append(("page", "", "error", str(error))))

    def _answered(self, response: Response) -> None:
        if response.status == NOT_FOUND:
            self.wrong.append(("page", "", "missing", response.url))

    @property
    def phone(self) -> bool:
        """Whether it is a phone's width."""
        return self.size == "phone"

    def w(self, key: str, **values: object) -> str:
        """A Korean text by its key."""
        text = self.korean[key]
        text = text["other"] if isinstance(text, dict) else str(text)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def at(self, path: str, until: str) -> None:
        """Open an address, until something of it is there. Each is opened from nothing at one of the two sizes at least; a
        screen with a route of its own is otherwise come to from the list, in the page that is open: a load is the costliest
        part of a view.
        """
        if not self._may_walk(path):
            self.page.goto("about:blank")
            self.page.goto(f"{self.site}/{path}")
        else:
            if self.page.evaluate("document.documentElement.lang") != "ko":
                if not self.keeps:
                    self.speak("ko")
                self.page.wait_for_function(_SPOKEN, arg="ko")
            self.page.evaluate("location.hash = ''")
            self.page.wait_for_function(_ABSENT, arg=until)
            self.page.evaluate("(hash) => { location.hash = hash; }", path.partition("#")[2])
        self._anew = False
        self.page.locator(until).first.wait_for()

    def _may_walk(self, path: str) -> bool:
        """Whether an address is come to in the open page. After it, nothing stands open there any more."""
        document, _, route = path.partition("#")
        due = FULL or (path not in self._opened and asked_at(path) == self.phone)
        self._opened.add(path)
        there = self.page.url.partition("#")[0] == f"{self.site}/{document}"
        if due or self._anew or not there or not route.startswith("/"):
            return False
        for _ in range(_CLOSING):
            if not self.page.evaluate(_STANDS_OPEN):
                return True
            self.page.keyboard.press("Escape")
        return False

    def press(self, key: str, within: Locator | None = None, **values: object) -> None:
        """Press a button by its words."""
        name = re.compile(f"^{re.escape(self.w(key, **values))}")
        (within or self.page).get_by_role("button", name=name).first.click()

    def choose(self, key: str, **values: object) -> None:
        """Choose from an open menu."""
        self.page.get_by_role("menuitem", name=self.w(key, **values)).first.click()

    def rail(self) -> None:
        """On a phone the mailboxes are in a drawer."""
        if self.phone:
            self.press("nav.menu")
            self.page.locator(".drawer nav").first.wait_for()

    def start_anew(self, *, lost: bool = False) -> None:
        """What comes next is opened by Korean words, by day. `lost`: in a page of its own, for nobody knows what this one is."""
        self._anew = lost
        self._turn("light")
        self.page.evaluate(_KEPT_ON_DEVICE, "ko")
        if self.keeps and self.page.evaluate("document.documentElement.lang") != "ko":
            self.speak("ko")

    def look(self, name: str, *, axe: tuple[str, ...], again: Callable[[], None] | None = None) -> None:
        """Look at what is open in each language, and note what is wrong. `axe`: the themes in which axe looks; in the first for
        everything, in the others of a landing for colours. `again`: opens what hears of no other language while it stands.
        """
        for language in self.languages:
            code = "en" if language == PSEUDO else language
            if self.page.evaluate("document.documentElement.lang") != code:
                if again:
                    self.page.evaluate(_KEPT_ON_DEVICE, code)
                    self._anew = True
                    again()
                else:
                    self.speak(code)
                self.page.wait_for_function(_SPOKEN, arg=code)
            self._settle()
            found = self.page.evaluate(_LOOK, {"pseudo": language == PSEUDO, "phone": self.phone})
            text = found.pop("text")
            found["keys"] = sorted(self.korean.keys() & set(_NAMES_OF_KEYS.findall(text)))
            found["holes"] = _PLACE.findall(text.replace("{{", "").replace("}}", ""))
            self._note(name, language, {what: each for what, each in found.items() if each})
        for at, theme in enumerate(axe):
            self._turn(theme)
            rules = OF_MORE_CONTRAST if theme.startswith("high") else OF_COLOURS if at and not FULL else EVERYTHING
            # What is behind the foremost part has a view of its own.
            wrong = violations(self.page, in_front=True, rules=rules)
            self._note(name, theme, {"axe": wrong} if wrong else {})
        self.start_anew()

    def _turn(self, theme: str) -> None:
        """Let the device ask for another theme: the open page follows."""
        dark = theme.endswith("dark")
        more = theme.startswith("high")
        self.page.emulate_media(color_scheme="dark" if dark else "light", contrast="more" if more else "no-preference")

    def _note(self, name: str, variant: str, found: dict[str, object]) -> None:
        """Keep what is wrong in a language or theme, with its picture; a full run keeps every picture."""
        if found or FULL:
            self.page.screenshot(path=str(self.folder / f"{name}-{variant}-{self.size}.png"))
        self.wrong += [(name, variant, what, each) for what, each in found.items()]

    def _settle(self) -> None:
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
        self.page.evaluate(SETTLED, STILL_MS)


def at_demo(page: Page) -> Callable[[str], None]:
    """How the language of the demo build changes under an open screen."""
    return lambda language: page.evaluate(_SPEAK_AT_DEMO, language)


def at_node(page: Page) -> Callable[[str], None]:
    """The same for somebody who is signed in at a node."""
    return lambda language: page.evaluate(_SPEAK_AT_NODE, language)
