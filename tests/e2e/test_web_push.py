"""Notifications while no page of the webmail is open: the real worker in Chromium, a real node, and a push that is handed to the
browser as its push service would. Only that service is a stand-in: it lies on the public network.
"""

from __future__ import annotations

import base64
import contextlib
import imaplib
import json
import os
import shutil
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, CDPSession, Page, Worker, expect
from tests.e2e.company import Company, Person, letter
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.peers.served import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.peer

FOLDER = "고객문의"
SERVICE = """({ p256dh, auth }) => {
  const json = { endpoint: 'https://push.invalid/device', keys: { p256dh, auth } };
  const made = { toJSON: () => json, unsubscribe: async () => { localStorage.removeItem('stand-in'); return true } };
  PushManager.prototype.subscribe = async () => { localStorage.setItem('stand-in', 'on'); return made };
  PushManager.prototype.getSubscription = async () => localStorage.getItem('stand-in') ? made : null;
}"""
SHOWN = """async () => (await registration.getNotifications()).map(
  ({ title, body, data, actions }) => ({ title, body, data, actions: actions.map((one) => one.action) }))"""
# An event that no browser made may not wait (ServiceWorker §4.4): the act itself has begun by then.
PRESS = """async (action) => {
  const [notification] = await registration.getNotifications();
  self.addEventListener('error', (event) => event.preventDefault(), { once: true });
  self.dispatchEvent(new NotificationEvent('notificationclick', { notification, action }));
}"""


@pytest.fixture(scope="module")
def chromium(chromium: Browser) -> Iterator[Browser]:
    """The whole Chromium: the one without windows has no notifications."""
    whole = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--ignore-certificate-errors"]
    )
    yield whole
    whole.close()


class Device:
    """A browser whose push service we are."""

    def __init__(self, person: Person) -> None:
        self.page: Page = person.page
        self.site = person.site
        self.tools: CDPSession = self.page.context.new_cdp_session(self.page)
        self.numbers: list[str] = []
        self.tools.on("ServiceWorker.workerRegistrationUpdated", self._heard)

    def _heard(self, told: dict[str, Any]) -> None:
        self.numbers += [one["registrationId"] for one in told["registrations"] if not one["isDeleted"]]

    def turn_on(self) -> None:
        """Let the person switch notifications on."""
        self.page.goto(f"{self.site}/#/settings/device")
        switch = self.page.get_by_role("switch", name="새 메일 알림")
        expect(switch).to_have_attribute("aria-checked", "false")
        switch.click()
        expect(switch).to_have_attribute("aria-checked", "true")

    def leave(self) -> None:
        """Close the webmail: the browser stays."""
        self.tools.send("ServiceWorker.enable")
        self.page.goto("about:blank")

    @property
    def worker(self) -> Worker:
        return self.page.context.service_workers[-1]

    def push(self) -> list[dict[str, Any]]:
        """Hand over a push as the service does; return what the person is shown."""
        before = self.shown()
        data = json.dumps({"@type": "StateChange", "changed": {}})
        self.tools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self.site, "registrationId": self.numbers[-1], "data": data},
        )
        until(lambda: self.shown() != before, 60, "a notification")
        return self.shown()

    def shown(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.worker.evaluate(SHOWN)
        return found


@pytest.fixture
def at_device(new_person: Callable[..., Person]) -> Callable[[str], Device]:
    def sit_down(login: str) -> Device:
        person = new_person(worker=True)
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        octets = (key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), os.urandom(16))
        p256dh, auth = (base64.urlsafe_b64encode(one).decode().rstrip("=") for one in octets)
        person.page.context.add_init_script(f"({SERVICE})({json.dumps({'p256dh': p256dh, 'auth': auth})})")
        person.page.context.grant_permissions(["notifications"], origin=person.site)
        return Device(person.sign_in(login, PASSWORD))

    return sit_down


@contextlib.contextmanager
def program(company: Company, login: str) -> Iterator[imaplib.IMAP4]:
    """The person's mail program beside the browser."""
    trust = ssl.create_default_context(cafile=str(company.node.directory / "tls" / "ca.pem"))
    with imaplib.IMAP4_SSL("localhost", company.node.ports["imaps"], ssl_context=trust) as session:
        # LOGIN of this library knows no Korean passwords.
        session.authenticate("PLAIN", lambda _: f"\0{login}\0{PASSWORD}".encode())
        yield session


def count(session: imaplib.IMAP4, mailbox: str) -> int:
    _, [number] = session.select(mailbox)
    assert number is not None
    return int(number)


def bring(company: Company, session: imaplib.IMAP4, login: str, subject: str) -> None:
    """Bring mail from outside into the inbox."""
    before = count(session, "INBOX")
    company.deliver(login, letter(login, subject))
    until(lambda: count(session, "INBOX") > before, 60, subject)


def test_a_closed_webmail_tells_of_the_mailboxes_chosen_and_its_buttons_act(
    company: Company, at_device: Callable[[str], Device]
) -> None:
    login = "web.push@hanbit.example"
    new_account(company, login, "알림이")
    with program(company, login) as session:
        session.create('"' + FOLDER.encode("utf-7").decode().replace("+", "&").replace("/", ",") + '"')
        device = at_device(login)
        device.turn_on()
        page = device.page
        box = page.get_by_role("checkbox", name=FOLDER)
        inbox = page.get_by_role("checkbox", name="받은메일함")
        expect(inbox).to_be_checked()
        box.check()
        device.leave()

        bring(company, session, login, "오늘 회의 자료")
        [told] = device.push()
        assert (told["title"], told["body"]) == ("거래처", "오늘 회의 자료")
        assert told["actions"][1] == "reply"
        kept = {"archive": "Archive", "trash": "Trash"}[told["actions"][0]]
        before = count(session, kept)
        device.worker.evaluate(PRESS, told["actions"][0])
        until(lambda: count(session, kept) == before + 1, 60, "the mail is filed")
        assert count(session, "INBOX") == 0


def test_policy_keeps_words_of_mail_off_the_lock_screen(company: Company, at_device: Callable[[str], Device]) -> None:
    login = "web.push.plain@hanbit.example"
    new_account(company, login, "말없이", push__content=False)
    device = at_device(login)
    device.turn_on()
    expect(device.page.get_by_text("회사 정책에 따라 알림에 보낸사람과 제목은 표시하지 않습니다.")).to_be_visible()
    device.leave()
    with program(company, login) as session:
        bring(company, session, login, "비밀 계약")
        [told] = device.push()
    assert told["title"] == "새 메일"
    assert "비밀" not in json.dumps(told, ensure_ascii=False)
    assert told["actions"] == []
