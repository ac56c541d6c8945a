"""The demo company on a real node, a second node that its mail leaves to, and what a person does in the webmail."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.message
import email.policy
import imaplib
import itertools
import re
import smtplib
import ssl
import threading
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, FrameLocator, Locator, Page, TimeoutError, expect
from tests.e2e.without_worker import keep_worker_out
from tests.peers import postfix
from tests.peers.served import Served, free_port_base, put_node_file, put_setting
from tools.fake_dns import FakeDns

from smartmail.app.node import open_node
from smartmail.app.settings import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from smartmail.app.node import Node

# What an answer of the page may take beside other tests on two cores. Whoever measures gives a bound of their own.
ANSWER_MS = 45_000
DEMO_PASSWORD = "smartmail-demo"
HERO = "minji.kim@hanbit.example"
PARTNER = "u0@bench.test"
BOX = f"box@{postfix.DOMAIN}"
"""Somebody at a Debian Postfix, for the tests that run one."""
_DNS = {
    "bench.test": {"MX": ["10 mx.bench.test"]},
    "mx.bench.test": {"A": ["127.0.0.1"]},
    postfix.DOMAIN: {"MX": [f"10 mx.{postfix.DOMAIN}"]},
    f"mx.{postfix.DOMAIN}": {"A": ["127.0.0.3"]},
}
BANNER_REST = re.compile(r"^안내 \d+건 더$")
"""The button behind which the less severe causes of a message's banner wait."""
LIVE_MS = 30_000
"""Mail that was taken over must be seen within this time, without a reload: 2 s where nothing else runs."""
HOLD_MS = 10_000
"""How long a letter waits to be taken back, for people who chose nothing."""
OPEN_MS = 60_000
"""Patience for a mail that a story knows to come: until its row is there, and until a click has opened it."""
_WRONG_FOR_MS = 3000
_SEEK_EVERY_MS = 60
_DRAWN_MS = 2000
# A page that is asked once more gets longer each time: a loaded machine needs it, a free one has it soon.
_ASKED_AGAIN_MS = [500, 700, 1000, 1400]
_ASKED_AGAIN_AT_MOST_MS = 2000
# Once in each step: true when a row with these words is in the list; else the list is scrolled on, but not over rows that
# the server has not given yet, and rests at its top, where mail comes in, for ten steps before it is gone through again.
_SEEK = """(words) => {
  const list = document.querySelector('[role=grid]');
  if (!list?.checkVisibility()) return false;
  const said = (one) => one.textContent.replace(/\\s+/g, ' ').trim().toLowerCase();
  const rows = [...document.querySelectorAll('[role=row]')].filter((one) => one.checkVisibility());
  if (rows.some((one) => said(one).includes(words))) return true;
  if (rows.some((one) => list.contains(one) && said(one) === '')) return false;
  if (list.scrollTop + list.clientHeight < list.scrollHeight - 1) {
    if (list.scrollTop === 0 && (list.dataset.rested = Number(list.dataset.rested ?? 0) + 1) < 10) return false;
    list.scrollTop += list.clientHeight * 0.8;
  } else if (list.scrollTop > 0) {
    list.dataset.rested = 0;
    list.scrollTop = 0;
  }
  return false;
}"""
# "open": a mail with these words in its heading is there. "no": for some seconds nothing but another one is, or the list
# alone, so that the click went elsewhere. What is on its way has neither.
_OPENED = """([words, steady]) => {
  const shown = (css) => [...document.querySelectorAll(css)].filter((one) => one.checkVisibility());
  const heads = shown('article :is(h1, h2, h3, h4, [role=heading])').map((one) => one.textContent);
  if (heads.some((one) => one.replace(/\\s+/g, ' ').toLowerCase().includes(words))) return 'open';
  const now = heads.join('|');
  if (window.seenInstead?.now !== now) window.seenInstead = { now, since: performance.now() };
  const settled = heads.length > 0 || shown('[role=grid]').length > 0;
  return settled && performance.now() - window.seenInstead.since > steady && 'no';
}"""
DESKTOP = {"width": 1366, "height": 900}
"""The office laptop: the list alone, an open mail in its place. From 1440 px on they stand side by side."""
PHONE = {"width": 390, "height": 844}


async def obeyed(node: Node) -> None:
    """Wait until every process of the running node obeys the newest policy: a page that opens now shows it."""
    while (await node.services.policy_acks.obedience()).lagging:
        await asyncio.sleep(0.05)


def on_node(directory: Path, work: Callable[[Node], Awaitable[None]]) -> None:
    """Do `work` on the node's store as a command would, in a thread: Playwright owns this one's loop."""

    async def run() -> None:
        async with open_node(load(str(directory))) as node:
            await work(node)

    failures: list[BaseException] = []

    def thread() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            failures.append(error)

    worker = threading.Thread(target=thread)
    worker.start()
    worker.join()
    if failures:
        raise failures[0]


@dataclass(frozen=True)
class Company:
    """Two nodes that serve."""

    node: Served
    branch: Served

    @property
    def site(self) -> str:
        """Address of the webmail."""
        return f"https://localhost:{self.node.ports['https']}"

    def deliver(self, recipient: str, octets: bytes, sender: str = PARTNER) -> None:
        """Bring in mail from outside, as another server does."""
        with smtplib.SMTP("localhost", self.node.ports["smtp"], local_hostname="mx.bench.test") as session:
            session.sendmail(sender, [recipient], octets)

    def submit_at_branch(self, recipient: str, octets: bytes) -> None:
        """Let the partner's mail program hand in a mail at the second node."""
        with smtplib.SMTP("localhost", self.branch.ports["submission"], local_hostname="pc.bench.test") as session:
            session.login(PARTNER, "bench")
            session.sendmail(PARTNER, [recipient], octets)

    @contextlib.contextmanager
    def imap(self, login: str, password: str = DEMO_PASSWORD) -> Iterator[imaplib.IMAP4]:
        """A mail program over TLS, the certificate checked against the node's own authority."""
        trust = ssl.create_default_context(cafile=str(self.node.directory / "tls" / "ca.pem"))
        with imaplib.IMAP4_SSL("localhost", self.node.ports["imaps"], ssl_context=trust) as session:
            # LOGIN of this library knows no word beyond ASCII.
            session.authenticate("PLAIN", lambda _asked: f"\0{login}\0{password}".encode())
            yield session

    @contextlib.contextmanager
    def branch_imap(self, login: str = PARTNER) -> Iterator[imaplib.IMAP4]:
        """A mail program at the second node."""
        with imaplib.IMAP4("localhost", self.branch.ports["imap"]) as session:
            session.login(login, "bench")
            yield session


@contextlib.contextmanager
def running_company(directory: Path, others: dict[str, dict[str, list[str]]] | None = None) -> Iterator[Company]:
    """Run both nodes. The company finds the second one by MX, which has the company as its smarthost. `others`: more
    names of the world outside.
    """
    with free_port_base() as first, free_port_base() as second, FakeDns(_DNS | (others or {})) as names:
        node = Served(directory / "company", first, "--demo")
        branch = Served(directory / "branch", second, "--bench")
        put_node_file(
            node.directory,
            f'[dns]\naddress = "127.0.0.1"\nport = {names.port}\n\n[outgoing]\nnetworks = ["127.0.0.0/8"]\n',
        )
        put_setting(node.directory, "relay.port", branch.ports["smtp"])
        put_setting(branch.directory, "relay.smarthost", {"host": "127.0.0.1", "port": node.ports["smtp"]})
        try:
            node.start(wait=False)
            branch.start(wait=False)
            node.wait_ready()
            branch.wait_ready()
            yield Company(node, branch)
        finally:
            for each in (node, branch):
                each.kill_all()
                # pytest shows it when a test fails.
                print("\n".join(each.complaints()[-40:]))


def until_shown(what: Locator, again: Callable[[], object], tries: int = 60) -> None:
    """Wait for something that a page shows only when it is asked once more, as `again` does.

    A page that is still loading has nothing: it gets its time before it is asked anew.
    """
    for wait_ms in itertools.islice(itertools.chain(_ASKED_AGAIN_MS, itertools.repeat(_ASKED_AGAIN_AT_MOST_MS)), tries):
        with contextlib.suppress(TimeoutError):
            what.first.wait_for(timeout=wait_ms)
            return
        again()
    what.first.wait_for()


def _spoken(words: str) -> str:
    """As words are compared with what a page shows: any case, any space."""
    return " ".join(words.split()).lower()


@contextlib.contextmanager
def acknowledged(page: Page, method: str) -> Iterator[None]:
    """Wait until the server has answered a call of this JMAP method that the block leads to: what a page shows may be
    ahead of what is kept, and a page that is left takes with it what was under way.
    """
    with page.expect_response(lambda answer: "/jmap/api" in answer.url and method in (answer.request.post_data or "")):
        yield


class Person:
    """Somebody at the webmail."""

    def __init__(self, page: Page, site: str) -> None:
        """Take a fresh page."""
        self.page = page
        self.site = site
        page.set_default_timeout(ANSWER_MS)

    def sign_in(self, login: str, password: str = DEMO_PASSWORD) -> Person:
        """Open the webmail with a session of this person; the mail screen is there afterwards.

        The session comes from the address that the form asks: the page is loaded once. Stories of the form itself use
        `try_password`.
        """
        self.begin_session(login, password)
        self.page.goto(self.site)
        self.page.get_by_role("heading", name="받은메일함").wait_for()
        return self

    def begin_session(self, login: str, password: str = DEMO_PASSWORD) -> None:
        """Put a new session of this person into the browser; no page is opened."""
        answer = self.page.request.post(
            f"{self.site}/auth/login",
            data={"address": login, "password": password},
            headers={"X-SmartMail": "1", "Origin": self.site},
        )
        assert answer.status == HTTPStatus.NO_CONTENT, f"{login}: {answer.status} {answer.text()}"

    def try_password(self, login: str, password: str) -> None:
        """Fill in the sign-in page and press Enter."""
        self.page.get_by_label("메일 주소").fill(login)
        self.page.get_by_label("비밀번호", exact=True).fill(password)
        self.page.keyboard.press("Enter")

    def row(self, words: str) -> Locator:
        """The first row of the list that holds these words."""
        return self.page.get_by_role("row").filter(has_text=words).first

    def read(self, words: str) -> FrameLocator:
        """Open a row; return the frame of the body."""
        deadline = time.monotonic() + OPEN_MS / 1000
        while time.monotonic() < deadline:
            self.bring(words).click()
            # Mail that comes in between aiming and clicking moves the rows: look what opened, and click again.
            self.page.evaluate("() => delete window.seenInstead")
            with contextlib.suppress(TimeoutError):
                opened = self.page.wait_for_function(_OPENED, arg=[_spoken(words), _WRONG_FOR_MS], timeout=OPEN_MS)
                if opened.json_value() == "open":
                    return self.body
        shown = " ".join(self.page.get_by_role("article").all_inner_texts())
        raise AssertionError(f"{words!r} does not open at {self.page.url}; the pane shows: {shown[:300]!r}")

    def _leave_for_list(self) -> None:
        """Close the mail that the list lies behind."""
        to_list = self.page.get_by_role("button", name="목록").first
        if to_list.is_visible() and not self.page.get_by_role("grid").first.is_visible():
            to_list.click()

    def bring(self, words: str) -> Locator:
        """Scroll the list until it draws this row, and return it: mail of other stories may stand above it, and this one
        may be on its way.
        """
        row, deadline = self.row(words), time.monotonic() + OPEN_MS / 1000
        while time.monotonic() < deadline:
            self._leave_for_list()
            with contextlib.suppress(TimeoutError):
                self.page.wait_for_function(_SEEK, arg=_spoken(words), polling=_SEEK_EVERY_MS, timeout=OPEN_MS)
                row.scroll_into_view_if_needed(timeout=_DRAWN_MS)
                return row
            # What was found was drawn anew in between, or lies behind something: gone through again.
        rows = " | ".join(self.page.get_by_role("row").all_inner_texts())
        raise AssertionError(f"no row with {words!r} at {self.page.url}; the rows: {rows[:500]!r}")

    @property
    def body(self) -> FrameLocator:
        """The frame of the open message."""
        return self.page.frame_locator("iframe[title='메일 본문']").first

    def unfold_banner(self) -> None:
        """Above the open message stands the most severe cause alone: show those that wait behind it."""
        article = self.page.get_by_role("article", name="메일 읽기")
        article.get_by_role("button", name=BANNER_REST).click()

    def back(self) -> None:
        """To the list."""
        self.page.get_by_role("article", name="메일 읽기").get_by_role("button", name="목록", exact=True).click()

    def go(self, mailbox: str) -> None:
        """Open a mailbox."""
        self.page.get_by_role("link", name=mailbox).click()
        self.page.get_by_role("heading", name=mailbox).wait_for()

    def answer(self, words: str) -> None:
        """Begin an answer to the open message and write into it."""
        self.page.get_by_role("button", name="답장", exact=True).click()
        self.write(words)

    def write(self, words: str) -> None:
        """Type into the composer's letter."""
        letter = self.page.get_by_role("textbox", name="본문")
        # Into its first line: below stands what is answered, which may be very long.
        (letter if letter.evaluate("(one) => one.tagName") == "TEXTAREA" else letter.locator("p").first).click()
        self.page.keyboard.insert_text(words)
        expect(letter).to_contain_text(words)

    def compose(self, to: str, subject: str) -> None:
        """Open a new letter and address it."""
        self.page.keyboard.press("c")
        self.page.get_by_role("combobox", name="받는사람").fill(f"{to},")
        self.page.get_by_role("textbox", name="제목").fill(subject)

    def send(self) -> None:
        """Press the button; wait for nothing."""
        self.page.get_by_role("button", name="보내기", exact=True).click()

    @property
    def notices(self) -> Locator:
        """The short notices at the foot of the screen."""
        return self.page.get_by_role("region", name="알림")


def new_page(
    browser: Browser,
    viewport: dict[str, int] | None = None,
    *,
    theme: str = "light",
    locale: str = "ko-KR",
    worker: bool = False,
) -> Page:
    """A page of a browser that nobody has used yet. `worker`: with the service worker of the app."""
    size = viewport or DESKTOP
    phone = size["width"] < 720
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        locale=locale,
        timezone_id="Asia/Seoul",
        color_scheme=theme,  # type: ignore[arg-type]
        has_touch=phone,
        is_mobile=phone,
        ignore_https_errors=True,
        accept_downloads=True,
    )
    if not worker:
        keep_worker_out(context)
    return context.new_page()


def letter(to: str, subject: str, text: str = "안녕하세요.\n", html: str | None = None, sender: str = PARTNER) -> bytes:
    """Mail of an outside correspondent."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = f"거래처 <{sender}>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{time.monotonic_ns()}@bench.test>"
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def wait_for_mail(session: imaplib.IMAP4, words: str, key: str = "SUBJECT", within: float = 120.0) -> bytes:
    """Poll the inbox until a search finds a message; return the octets of the last one found."""
    deadline = time.monotonic() + within
    while True:
        session.select("INBOX")
        session.literal = words.encode()  # type: ignore[attr-defined]
        _, found = session.search("UTF-8", key)
        if found[0]:
            _, data = session.fetch(found[0].split()[-1].decode(), "(BODY.PEEK[])")
            return data[0][1]  # type: ignore[index, return-value]
        assert time.monotonic() < deadline, f"no mail with {words!r} within {within} s"
        time.sleep(0.05)


def parsed(octets: bytes) -> EmailMessage:
    """The message, read by another program than ours."""
    return email.message_from_bytes(octets, policy=email.policy.default)  # type: ignore[return-value]
