"""The corpus of hostile HTML, sent by SMTP and opened one by one: nothing runs, nothing is asked of a stranger.

The console must stay silent too: each wall (sanitiser, sandbox, content policy) tells there what it had to stop, and
behind the first wall nothing may be left to stop.
"""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect
from tests.corpus.hostile_html import HOSTILE, body_of
from tests.e2e.company import BANNER_REST, PARTNER, Person, letter, new_page
from tests.unit.formats_html.test_html_xss import VECTORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.company import Company

pytestmark = pytest.mark.peer

BODIES = [*VECTORS, *(body_of(name) for name in HOSTILE)]
TANAKA = "tanaka@hanbit-trading.example"
CHEN = "chen@hanbit-tech.example"
SHOWN = """
  (title) => {
    const letter = document.querySelector("article iframe")?.contentDocument?.querySelector('.letter');
    return letter && [...document.querySelectorAll('article h1')].some((each) => each.textContent.includes(title));
  }
"""

# What begins, begins with the letter. Waiting for a quiet network waits for the names of the pictures, which no
# resolver answers and some let wait for a minute.
A_MOMENT = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 500, true)))"


class Watch:
    """Everything that a page asked, said and opened."""

    def __init__(self, page: Page, own: str) -> None:
        """Begin to listen."""
        self.own = own
        self.seen: list[str] = []
        self.now = ""
        # Whatever runs, in whatever frame, calls one of these.
        page.expose_binding("alert", lambda _source, *_words: self.add("script ran"))
        page.expose_binding("msgbox", lambda _source, *_words: self.add("script ran"))
        page.on("request", self._asked)
        page.on("dialog", lambda dialog: (self.add(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.add(f"error {error}"))
        page.on("popup", lambda popup: self.add(f"popup {popup.url}"))
        page.on("download", lambda download: self.add(f"download {download.url}"))
        page.on("framenavigated", lambda frame: frame == page.main_frame or self._moved(frame.url))

    def add(self, what: str) -> None:
        """Note what happened while which mail was open."""
        self.seen.append(f"{self.now}: {what}")

    def _said(self, message: ConsoleMessage) -> None:
        # A picture that our server did not find.
        if "/jmap/picture/" not in message.location.get("url", ""):
            self.add(f"console {message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.own}/", "data:", "blob:")):
            self.add(f"{request.resource_type} {request.url}")

    def _moved(self, url: str) -> None:
        if url not in {"about:blank", "about:srcdoc"}:
            self.add(f"frame moved to {url}")


# What only the sanitiser may say: the browser refuses all other markup.
KEEP_POLICIES = """(() => {
  const make = TrustedTypePolicyFactory.prototype.createPolicy;
  window.policies = {};
  TrustedTypePolicyFactory.prototype.createPolicy = function (name, rules) {
    return (window.policies[name] = make.call(this, name, rules));
  };
})();"""


def bring(company: Company, recipient: str, mails: list[bytes]) -> None:
    """Deliver many, some in each session."""
    for start in range(0, len(mails), 50):
        # By LMTP, where no filter looks: what is hostile belongs into the mailbox here, not into Junk.
        with smtplib.LMTP("localhost", company.node.ports["lmtp"], local_hostname="mx.bench.test") as session:
            for mail in mails[start : start + 50]:
                session.sendmail(PARTNER, [recipient], mail)


def test_no_hostile_body_acts(new_person: Callable[..., Person], company: Company) -> None:
    # The subject is an attack of its own, and so is what the preview is made of.
    mails = [letter(TANAKA, f"<img src=x onerror=alert(1)> {at}.", "x", html) for at, html in enumerate(BODIES)]
    bring(company, TANAKA, mails)
    tanaka = new_person().sign_in(TANAKA)
    page = tanaka.page
    watch = Watch(page, tanaka.site)
    page.locator("#row-0").click()
    for at in reversed(range(len(BODIES))):
        page.wait_for_function(SHOWN, arg=f"> {at}.")
        watch.now = BODIES[at][:120]
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 5, true)))")
        if at:
            page.keyboard.press("j")
    page.evaluate(A_MOMENT)
    assert watch.seen == []


def test_hostile_bodies_do_not_act_in_an_answer_or_with_pictures_shown(
    new_person: Callable[..., Person], company: Company
) -> None:
    groups = ["\n".join(BODIES[start : start + 45]) for start in range(0, len(BODIES), 45)]
    bring(company, CHEN, [letter(CHEN, f"묶음 {at}.", "x", f"<p>{group}</p>") for at, group in enumerate(groups)])
    chen = new_person().sign_in(CHEN)
    page = chen.page
    watch = Watch(page, chen.site)
    # The server fetches them, and none of these names exists: what counts is that nobody else is asked.
    pictures: list[str] = []
    page.on("request", lambda request: "/jmap/picture/" in request.url and pictures.append(request.url))
    for at in range(len(groups)):
        watch.now = f"group {at}"
        chen.read(f"묶음 {at}.")
        page.wait_for_function(SHOWN, arg=f"묶음 {at}.")
        chen.answer("답장입니다")
        # As it came, and as words of the answer: what the editor cannot hold as it is, is taken in when it is asked for.
        if page.get_by_role("button", name="원본 보기").count():
            page.get_by_role("button", name="원본 보기").click()
            page.wait_for_timeout(100)
            page.get_by_role("button", name="인용문 편집").click()
        expect(page.locator(".letter-text blockquote[type=cite]")).not_to_have_count(0)
        page.wait_for_timeout(100)
        page.get_by_role("button", name="버리기").click()
        page.get_by_role("dialog").get_by_role("button", name="버리기").click()
        expect(page.get_by_role("textbox", name="본문")).to_have_count(0)
        # They may wait behind another cause of the banner.
        if page.get_by_role("button", name=BANNER_REST).count():
            chen.unfold_banner()
        if page.get_by_role("button", name="이미지 표시").count():
            page.get_by_role("button", name="이미지 표시").click()
            page.wait_for_function(SHOWN, arg=f"묶음 {at}.")
            page.wait_for_timeout(200)
        chen.back()
    page.evaluate(A_MOMENT)
    assert watch.seen == []
    assert pictures != []


def test_the_walls_are_heard(chromium: Browser, company: Company) -> None:
    """What a sanitiser lets through does show in what the tests above look at."""
    page = new_page(chromium)
    page.add_init_script(KEEP_POLICIES)
    person = Person(page, company.site).sign_in(CHEN)
    company.deliver(CHEN, letter(CHEN, "벽을 두드려 볼 메일", "x", "<p>글</p>"))
    person.read("벽을 두드려 볼 메일")
    person.page.wait_for_function(SHOWN, arg="벽을 두드려 볼 메일")
    watch = Watch(person.page, person.site)
    for html in (
        "<img src=x onerror=alert(1)>",
        "<img src=https://e.test/x>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    ):
        watch.now, before = html, len(watch.seen)
        person.page.evaluate(
            """(html) => {
                 const page = document.querySelector('article iframe').contentDocument;
                 page.body.insertAdjacentHTML('beforeend', policies.dompurify.createHTML(html));
               }""",
            html,
        )
        for _ in range(100):
            if len(watch.seen) > before:
                break
            person.page.wait_for_timeout(200)
        assert len(watch.seen) > before, html
    person.page.context.close()
