"""Sixty tasks of an administrator, each done in the browser with its actions counted: a click, a field, a choice is one.

What has no way in the browser yet is in MISSING, by name: it counts as not done.
"""

from __future__ import annotations

import json
import pathlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import expect
from tests.e2e.admin_web import go
from tests.e2e.controls import pick
from tests.e2e.demo_desk import settle
from tests.e2e.fresh_host import DOMAIN, FRESH_ADMIN, FRESH_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page, Request
    from tests.e2e.fresh_host import FreshHost

_WORDS = json.loads((pathlib.Path(__file__).parents[2] / "web" / "i18n" / "admin" / "ko.json").read_text())
MISSING: tuple[str, ...] = ()
# How often a page is looked at again for work of the node, and whether an act has been answered: patience for a busy machine.
LOOKS = 300
PATIENCE = 3000
PATIENCE_MS = 120_000

# There is a screen, but no script does it to its end: counted as not done.
UNPROVEN: tuple[str, ...] = ()


def word(key: str) -> str:
    """A text of the admin web in Korean."""
    return str(_WORDS[key])


class Unanswered:
    """Acts that the server has not answered yet, heard once for a page: each ear costs at each request."""

    def __init__(self, page: Page) -> None:
        """Begin to listen."""
        self._page = page
        self._asked: set[Request] = set()
        page.on("request", lambda one: self._asked.add(one) if one.method != "GET" else None)
        page.on("requestfinished", lambda one: self._asked.discard(one))
        page.on("requestfailed", lambda one: self._asked.discard(one))

    def wait(self) -> None:
        """Wait until there is none."""
        for _ in range(PATIENCE):
            if not self._asked:
                return
            self._page.wait_for_timeout(20)
        raise AssertionError([f"{one.method} {one.url} was not answered" for one in self._asked])


@dataclass
class Hand:
    """Somebody at the keyboard: counts what they do."""

    page: Page
    folder: pathlib.Path
    host: FreshHost
    unanswered: Unanswered
    actions: int = 0
    notes: dict[str, str] = field(default_factory=dict)

    def open(self, page_id: str) -> None:
        """Follow the link to a page."""
        self.actions += go(self.page, word(f"page.{page_id}"))

    def click(self, target: Locator) -> None:
        """Press something."""
        target.click()
        self.actions += 1

    def button(self, key: str, within: Locator | None = None, *, last: bool = False) -> None:
        """Press a button by its words."""
        found = (within or self.page).get_by_role("button", name=word(key), exact=True)
        self.click(found.last if last else found.first)

    def fill(self, fields: dict[str, str], within: Locator) -> None:
        """Fill in fields by the keys of their labels."""
        for key, value in fields.items():
            target = within.get_by_label(re.compile(rf"^\s*{re.escape(word(key))}\*?\s*$")).first
            if target.evaluate("one => one.matches('button[role=combobox]')"):
                pick(target, value)
            elif target.get_attribute("type") == "checkbox":
                target.set_checked(value == "yes")
            else:
                target.fill(value)
            self.actions += 1

    @property
    def panel(self) -> Locator:
        """The details beside the list."""
        return self.page.get_by_role("complementary")

    def send(self, key: str, within: Locator) -> None:
        """Press the button of a form, after its rehearsal where it has one; prove oneself again where that is asked."""
        preview = within.get_by_role("button", name=word("form.rehearse"), exact=True)
        if preview.count():
            self.click(preview.first)
            expect(preview).to_have_count(0)
        self.button(key, within, last=True)
        self.prove()

    def prove(self) -> None:
        """Type the password where a fresh proof is asked for."""
        settle(self.page)  # what was pressed has asked the server
        self.unanswered.wait()  # the answer says whether a proof is wanted
        settle(self.page)  # what an answer brings is drawn a moment after it
        asked = self.page.get_by_role("dialog").filter(has_text=word("proof.title"))
        if asked.count():
            asked.get_by_label(word("proof.password")).fill(FRESH_PASSWORD)
            self.button("proof.confirm", asked)
            self.actions += 1

    def make(self, page_id: str, key: str, fields: dict[str, str], shows: str) -> None:
        """Make something on a page of a list: it is done when the list shows it."""
        self.open(page_id)
        self.button(key)
        self.fill(fields, self.panel)
        self.send(key, self.panel)
        row = self.page.get_by_role("row").filter(has_text=shows)
        expect(row.first).to_be_visible()

    def act(self, row: str, key: str, fields: dict[str, str] | None = None) -> None:
        """Choose a row of the open list, and do something with it."""
        if not self.panel.filter(has_text=row).count():
            self.click(self.page.get_by_role("row").filter(has_text=row).first)
        self.button(key, self.panel)
        dialog = self.page.get_by_role("dialog")
        settle(self.page)
        within = dialog if dialog.count() and not dialog.filter(has_text=word("proof.title")).count() else self.panel
        if fields is not None or within is dialog:
            self.fill(fields or {}, within)
            self.send(key, within)
        else:
            self.prove()

    def table_has(self, text: str) -> None:
        """Expect a row."""
        expect(self.page.get_by_role("row").filter(has_text=text).first).to_be_visible()

    def upload(self, name: str, text: str, within: Locator | None = None) -> None:
        """Choose a file."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        (within or self.page).locator("input[type=file]").first.set_input_files(path)
        self.actions += 1


@dataclass(frozen=True)
class Task:
    """One task. `common`: one of the ten that are done most. `shown`: what shows that it is done, where the node takes its
    time for it: looked at when all tasks have been begun, and no action.
    """

    name: str
    run: Callable[[Hand], None]
    common: bool = False
    shown: Callable[[Hand], None] | None = None


TASKS: list[Task] = []


def task(
    name: str, *, common: bool = False, shown: Callable[[Hand], None] | None = None
) -> Callable[[Callable[[Hand], None]], Callable[[Hand], None]]:
    """Enter a task."""

    def enter(run: Callable[[Hand], None]) -> Callable[[Hand], None]:
        TASKS.append(Task(name, run, common, shown))
        return run

    return enter


def making(name: str, page_id: str, key: str, fields: dict[str, str], shows: str, *, common: bool = False) -> None:
    """Enter a task that makes something on a page of a list."""
    TASKS.append(Task(name, lambda hand: hand.make(page_id, key, fields, shows), common))


MINJI = f"minji.kim@{DOMAIN}"

making("make a department", "departments", "departments.new", {"people.name": "영업본부"}, "영업본부")


@task("add a person", common=True)
def _person(hand: Hand) -> None:
    hand.open("people")
    hand.button("people.new")
    hand.fill({"people.name": "이도윤", "people.address": f"doyun.lee@{DOMAIN}"}, hand.panel)
    hand.send("people.make", hand.panel)
    expect(hand.panel).to_contain_text("doyun.lee")


@task("bring a thousand people from CSV")
def _thousand(hand: Hand) -> None:
    hand.open("imports")
    rows = "".join(f"w{number:04}@{DOMAIN},직원{number:04}\n" for number in range(1000))
    hand.upload("people.csv", f"이메일,성명\n{rows}")
    bring = hand.page.get_by_role("button", name=re.compile("1,000건 가져오기"))
    expect(bring).to_be_enabled(timeout=60_000)
    hand.click(bring)
    hand.prove()
    expect(hand.panel).to_contain_text("1,000 / 1,000", timeout=180_000)


@task("see what is wrong in a CSV, keep it as a file, map a column")
def _wrong(hand: Hand) -> None:
    hand.open("imports")
    hand.upload("wrong.csv", f"메일 계정,성명\nnobody@elsewhere.example,남\nok.one@{DOMAIN},이하나\n")
    pick(hand.page.get_by_label("메일 계정"), "login")
    hand.actions += 1
    expect(hand.page.get_by_role("table").first).to_contain_text("2")
    with hand.page.expect_download() as kept:
        hand.button("imports.keepErrors")
    assert "elsewhere.example" in pathlib.Path(kept.value.path()).read_text(encoding="utf-8")


@task("undo an import")
def _undo(hand: Hand) -> None:
    hand.open("imports")
    hand.upload("few.csv", f"이메일,성명\nfew.one@{DOMAIN},하나\nfew.two@{DOMAIN},둘\n")
    bring = hand.page.get_by_role("button", name="2건 가져오기")
    expect(bring).to_be_enabled(timeout=30_000)
    hand.click(bring)
    hand.prove()
    expect(hand.panel).to_contain_text("2 / 2", timeout=60_000)
    hand.button("imports.undo", hand.panel)
    hand.send("imports.undo", hand.page.get_by_role("dialog"))
    expect(hand.panel).to_contain_text(word("importState.undone"), timeout=60_000)


@task("find a person", common=True)
def _find(hand: Hand) -> None:
    hand.open("people")
    hand.page.get_by_label(word("people.find")).fill("minji")
    hand.actions += 1
    hand.click(hand.page.get_by_role("row").filter(has_text=MINJI))
    expect(hand.panel).to_contain_text("김민지")


@task("set a quota", common=True)
def _quota(hand: Hand) -> None:
    _find(hand)
    hand.button("people.changeQuota", hand.panel)
    hand.fill({"people.quota": "5"}, hand.panel)
    hand.send("people.changeQuota", hand.panel)
    expect(hand.panel).to_contain_text("5 GB")


making("make a group", "groups", "groups.new", {"people.name": "임원"}, "임원")


@task("put a person into a group", common=True)
def _member(hand: Hand) -> None:
    hand.open("groups")
    hand.act("임원", "groups.addMember", {"people.address": MINJI})
    expect(hand.panel).to_contain_text("김민지")


making(
    "make a distribution list", "lists", "lists.new", {"people.address": f"all@{DOMAIN}", "people.name": "전체"},
    f"all@{DOMAIN}",
)  # fmt: skip


@task("put a person on a list")
def _on_list(hand: Hand) -> None:
    hand.open("lists")
    hand.act(f"all@{DOMAIN}", "groups.addMember", {"people.address": MINJI})
    expect(hand.panel).to_contain_text(MINJI)


making(
    "make an alias", "aliases", "aliases.new", {"people.address": f"info@{DOMAIN}", "aliases.targets": MINJI},
    f"info@{DOMAIN}", common=True,
)  # fmt: skip
making("order the titles", "titles", "titles.order", {"titles.names": "대표\n이사\n과장"}, "이사")


@task("add a domain")
def _domain(hand: Hand) -> None:
    hand.open("domains")
    hand.button("domains.new")
    hand.fill({"domains.name": "hanbit-second.example"}, hand.panel)
    hand.send("domains.new", hand.panel)
    expect(hand.page.get_by_role("heading", level=1)).to_have_text(word("page.claims"))
    hand.table_has("hanbit-second.example")


@task("look whether DNS is right")
def _dns(hand: Hand) -> None:
    hand.open("domains")
    hand.click(hand.page.get_by_role("row").filter(has_text=DOMAIN).first)
    hand.button("dns.look", hand.panel)
    expect(hand.panel.get_by_role("listitem").filter(has_text=f"MX {DOMAIN}")).to_contain_text(word("dns.published"))


@task("make a signing key")
def _key(hand: Hand) -> None:
    hand.open("domains")
    hand.click(hand.page.get_by_role("row").filter(has_text=DOMAIN).first)
    hand.button("domains.newKey", hand.panel)
    hand.prove()
    expect(hand.panel).to_contain_text(word("key.published"))


def _sts_shown(hand: Hand) -> None:
    hand.open("domains")
    hand.click(hand.page.get_by_role("row").filter(has_text=DOMAIN).first)
    for _ in range(LOOKS):  # every process reads such settings again within ten seconds
        hand.button("dns.look", hand.panel)
        hand.page.wait_for_timeout(250)
        if "v=STSv1" in hand.panel.inner_text():
            break
    expect(hand.panel).to_contain_text("v=STSv1")


@task("publish MTA-STS", shown=_sts_shown)
def _sts(hand: Hand) -> None:
    hand.open("domains")
    hand.act(DOMAIN, "domains.sts", {"domains.stsMode": "testing", "domains.stsMx": f"mail.{DOMAIN}"})
    expect(hand.panel).to_contain_text(word("form.done"))


@task("send a domain's mail through a smarthost, and directly again")
def _smarthost(hand: Hand) -> None:
    hand.open("routes")
    hand.act(DOMAIN, "routes.setSmarthost", {"ways.host": "relay.example", "ways.port": "587"})
    hand.table_has("relay.example")
    hand.button("routes.goDirect", hand.panel)
    hand.table_has(word("ways.direct"))


making(
    "send mail to one domain through a host", "ways", "ways.new",
    {"ways.domain": "partner.example", "ways.host": "gate.partner.example"}, "gate.partner.example",
)  # fmt: skip
making("demand TLS of a partner", "partners", "partners.new", {"partners.domain": "bank.example"}, "bank.example")
making("let a host speak old TLS until a day", "oldTls", "oldTls.new", {"oldTls.host": "old.example"}, "old.example")
making("name a journal", "journals", "journals.new", {"journals.address": FRESH_ADMIN}, FRESH_ADMIN)
making(
    "register a machine that sends", "relays", "relays.new",
    {
        "relays.purpose": "복합기", "appointments.who": MINJI, "relays.senders": f"scan@{DOMAIN}",
        "access.networks": "192.0.2.0/28",
    },
    "복합기",
)  # fmt: skip


@task("upload a certificate")
def _certificate(hand: Hand) -> None:
    from tests.e2e.fresh_host import own_certificate

    chain, key = own_certificate(f"mail.{DOMAIN}")
    text = chain.public_bytes(serialization.Encoding.PEM).decode()
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    assert isinstance(chain, x509.Certificate)
    fields = {"certificates.chain": text, "certificates.key": secret}
    hand.make("certificates", "certificates.new", fields, f"mail.{DOMAIN}")


making("shut a network out", "bans", "bans.new", {"bans.network": "203.0.113.0/24"}, "203.0.113.0/24", common=True)
making("never shut a network out", "allows", "allows.new", {"bans.network": "198.51.100.7"}, "198.51.100.7")
making(
    "block a sender", "senders", "senders.new", {"senders.subject": "spam@junk.example"}, "junk.example", common=True
)
making(
    "place a legal hold", "holds", "holds.new", {"people.address": MINJI, "holds.matter": "2026-소송-1"}, "2026-소송-1"
)
making(
    "send records to a collector", "collectors", "collectors.new",
    {"people.name": "siem", "collectors.host": "siem.example"}, "siem",
)  # fmt: skip
making(
    "stop an account's sending", "stops", "stops.new", {"people.address": MINJI, "form.reason": "도용 의심"}, "김민지"
)


@task("let it send again")
def _resume(hand: Hand) -> None:
    hand.open("stops")
    hand.act("김민지", "stops.resume", {"form.reason": "확인 끝"})
    expect(hand.page.get_by_role("row").filter(has_text="김민지")).to_have_count(0)


@task("add a webhook")
def _webhook(hand: Hand) -> None:
    hand.open("webhooks")
    hand.button("webhooks.new")
    hand.fill({"webhooks.url": "https://hook.example/in"}, hand.panel)
    hand.send("webhooks.new", hand.panel)
    expect(hand.panel).to_contain_text(word("form.once"))
    hand.notes["webhook"] = "secret shown once"


@task("make an account for some weeks")
def _temporary(hand: Hand) -> None:
    fields = {"people.name": "인턴", "people.address": f"intern@{DOMAIN}", "temporary.sponsor": FRESH_ADMIN}
    hand.make("temporary", "temporary.new", fields, f"intern@{DOMAIN}")


@task("set a policy", common=True)
def _policy(hand: Hand) -> None:
    hand.open("policy")
    hand.page.get_by_label(word("policy.find")).fill("password.min-length")
    hand.actions += 1
    hand.click(hand.page.get_by_role("row").nth(1))
    hand.button("policy.set", hand.panel)
    hand.fill({"policy.value": "12", "form.reason": "보안 점검 결과"}, hand.panel)
    hand.send("policy.set", hand.panel)
    expect(hand.panel).to_contain_text("12자 · 회사")


# The first attempt is over, and the next one is minutes away: what is on its way is left alone by those who hold.
_TRIED = """async (domain) => {
  const queue = await (await fetch('/admin/v1/queue', { headers: { 'x-smartmail': '1' } })).json();
  return queue.items.flatMap((one) => one.recipients)
    .some((one) => one.domain === domain && one.state === 'ready' && one.attempts > 0);
}"""


def _look_for(hand: Hand, row: Locator) -> None:
    """Open the queue again until a job has done its work; looking is no action."""
    for _ in range(LOOKS):
        hand.page.wait_for_timeout(250)
        hand.open("overview")
        hand.open("queue")
        if row.count():
            return


@task("hold a mail in the queue")
def _queue(hand: Hand) -> None:
    # A mail that cannot leave now: sent by what the wizard sends its first mail with.
    sent = hand.page.evaluate(
        """async () => {
            const answer = await fetch('/admin/v1/setup/first-mail', {method: 'POST', headers: {
              'content-type': 'application/json', 'x-smartmail': '1'}, body: JSON.stringify(
              {to: 'box@slow.example', subject: '기다리는 메일', text: '.'})});
            await answer.text();  // before that it has not ended
            return answer.status;
        }"""
    )
    assert sent == 201
    hand.page.wait_for_function(_TRIED, arg="slow.example", polling=100, timeout=PATIENCE_MS)
    hand.open("queue")
    row = hand.page.get_by_role("row").filter(has_text="slow.example")
    held = row.filter(has_text=word("waiting.administrator"))
    # What is on its way just then is left alone: whoever sees it still waiting asks again.
    for _ in range(4):
        if held.count():
            break
        hand.act("slow.example", "queue.hold", {})
        expect(hand.panel).to_contain_text(word("queue.begun").partition("{")[0])
        done = hand.actions
        _look_for(hand, held)
    hand.actions = done
    expect(row).to_contain_text(word("waiting.administrator"))


@task("trace a mail", common=True)
def _trace(hand: Hand) -> None:
    hand.open("trace")
    row = hand.page.get_by_role("row").filter(has_text="SmartMail 첫 메일")
    for _ in range(LOOKS):
        hand.page.get_by_role("button", name=word("action.find"), exact=True).click()
        hand.page.wait_for_timeout(250)
        if row.count():
            break
    hand.actions += 1
    hand.click(row.first)
    expect(hand.panel).to_contain_text(FRESH_ADMIN)


@task("find what an administrator did")
def _audit(hand: Hand) -> None:
    hand.open("records")
    hand.fill({"records.action": "account."}, hand.page.get_by_role("main"))
    hand.button("action.find")
    expect(hand.page.get_by_role("row").filter(has_text="submission.create")).to_have_count(0)
    expect(hand.page.get_by_role("row").nth(1)).to_contain_text(re.compile("account.create|계정"))


@task("start a process anew")
def _process(hand: Hand) -> None:
    hand.open("processes")
    row = hand.page.get_by_role("row").nth(1)
    hand.click(row)
    hand.button("processes.restart", hand.panel)
    hand.send("processes.restart", hand.page.get_by_role("dialog"))
    expect(hand.panel).to_contain_text(word("processes.restarting").partition(":")[0])


@task("take a volume in, and scan it")
def _volume(hand: Hand) -> None:
    hand.open("volumes")
    hand.click(hand.page.get_by_role("row").nth(1))
    hand.button("volumes.scan", hand.panel)
    hand.fill({}, hand.panel)
    hand.send("volumes.scan", hand.panel)
    expect(hand.panel).to_contain_text(word("volumeWork.scan"), timeout=30_000)


def on_person(
    name: str, key: str, fields: dict[str, str] | None, shows: str, *, common: bool = False, tab: str = ""
) -> None:
    """Enter a task that is an act on a person."""

    def run(hand: Hand) -> None:
        hand.open("people")
        hand.page.get_by_label(word("people.find")).fill("doyun")
        hand.actions += 1
        if tab:
            hand.click(hand.page.get_by_role("row").filter(has_text="doyun.lee").first)
            hand.click(hand.panel.get_by_text(tab, exact=True))
        hand.act("이도윤", key, fields)
        expect(hand.panel).to_contain_text(shows)

    TASKS.append(Task(name, run, common))


REASON = {"form.reason": "담당자 요청으로 처리"}
on_person("hand out a link that sets a password", "people.link", None, "/setup#", common=True, tab="로그인")
on_person("close an account", "people.close", REASON, word("state.closed"))
on_person("open an account again", "people.reopen", None, word("state.active"))
making(
    "let an account hold a role", "appointments", "appointments.new",
    {"people.address": MINJI, "appointments.role": "auditor", **REASON}, "김민지",
)  # fmt: skip
making("make an access rule", "access", "access.new", {"access.action": "notify", "access.countries": "KR"}, "대한민국")


@task("let the company start from a preset")
def _preset(hand: Hand) -> None:
    hand.open("presets")
    hand.act(word("preset.general"), "presets.apply", REASON)
    expect(hand.panel).to_be_visible()


@task("keep records as a file")
def _records(hand: Hand) -> None:
    hand.open("records")
    with hand.page.expect_download() as kept:
        hand.button("records.export")
        form = hand.page.get_by_role("main")
        hand.fill(REASON, form)
        hand.send("records.export", form)
    assert pathlib.Path(kept.value.path()).stat().st_size > 0


@task("look whether the records are whole")
def _whole(hand: Hand) -> None:
    hand.open("records")
    hand.button("records.verify")
    hand.prove()
    hand.open("jobs")
    hand.table_has(word("job.audit.verify"))


@task("change a bound of an alarm")
def _alarm(hand: Hand) -> None:
    hand.open("alarmRules")
    hand.click(hand.page.get_by_role("row").nth(1))
    hand.button("alarmRules.change", hand.panel)
    hand.fill({"alarmRules.quiet": "77"}, hand.panel)
    hand.send("alarmRules.change", hand.panel)
    expect(hand.panel).to_contain_text("77")


@task("claim a domain, see the record that proves it, give it up")
def _claim(hand: Hand) -> None:
    hand.open("claims")
    hand.act("hanbit-second.example", "claims.drop")
    expect(hand.page.get_by_role("row").filter(has_text="hanbit-second")).to_have_count(0)


@task("see the log of a process")
def _log(hand: Hand) -> None:
    hand.open("processes")
    hand.button("action.find")
    expect(hand.page.get_by_text("process.started").first).to_be_visible()


@task("find anything from anywhere")
def _omnibox(hand: Hand) -> None:
    hand.page.keyboard.press("Control+k")
    hand.page.get_by_role("dialog").get_by_role("combobox").wait_for()
    hand.actions += 1
    hand.page.keyboard.type("김민지")
    hand.actions += 1
    expect(hand.page.get_by_role("dialog")).to_contain_text(MINJI)
    while hand.page.get_by_role("dialog").count():  # once for what was typed, once for the window
        hand.page.keyboard.press("Escape")
        hand.page.wait_for_timeout(100)
