"""More of the sixty tasks: keys, mail flow, trust, records, companies. Entered behind those of `admin_tasks`, in the order
in which they may follow each other: what the node goes on with for half a minute comes first, what changes who may what last.
"""

from __future__ import annotations

import pathlib
import re
import smtplib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import expect
from tests.e2e import admin_tasks_care  # noqa: F401 -- its tasks go before these
from tests.e2e.admin_tasks import MINJI, Hand, task, word
from tests.e2e.company import PARTNER, new_page
from tests.e2e.demo_desk import settle
from tests.e2e.fresh_host import DOMAIN, FRESH_ADMIN
from tests.lab.authority import Authority

if TYPE_CHECKING:
    from playwright.sync_api import Locator

SOON_MS = 120_000
WHY = "정기 점검에 따른 작업입니다"
JUNK = "spam@junk.example"


def region(hand: Hand, key: str) -> Locator:
    """A part of a page by its title."""
    return hand.page.get_by_role("region", name=word(key), exact=True)


def confirm(hand: Hand, key: str, within: Locator, fields: dict[str, str]) -> None:
    """Press a button of a part, fill in what it asks (in a dialog or in place), press it again."""
    hand.button(key, within)
    settle(hand.page)
    dialog = hand.page.get_by_role("dialog").filter(has_not_text=word("proof.title"))
    form = dialog if dialog.count() else within
    hand.fill(fields, form)
    hand.send(key, form)


def look_until(hand: Hand, page_id: str, row: Locator) -> None:
    """Open a page again until it shows a row; waiting is no action."""
    done = hand.actions
    for _ in range(300):
        hand.open(page_id)
        if row.count():
            break
        hand.page.wait_for_timeout(250)
        hand.open("overview")
    hand.actions = done + 1
    expect(row.first).to_be_visible()


@task("restore one mail")
def _restore(hand: Hand) -> None:
    done = hand.actions
    hand.open("backups")
    hand.button("backups.setPlan")
    plan = region(hand, "backups.setPlan")
    hand.fill({"backups.place": str(hand.folder / "place")}, plan)
    hand.send("backups.setPlan", plan)
    hand.button("backups.take")
    hand.prove()
    expect(hand.page.get_by_text(re.compile("계정 .+개, 메일 .+통을 백업했습니다"))).to_be_visible(timeout=SOON_MS)
    hand.actions = done
    # Which mail it is, says its story.
    hand.open("trace")
    hand.click(hand.page.get_by_role("row").filter(has_text="SmartMail 첫 메일").first)
    hand.click(hand.panel.get_by_text(word("trace.raw"), exact=True))
    shown = hand.panel.locator("dt", has_text="Message-ID").locator("xpath=following-sibling::dd[1]")
    header_id = shown.inner_text()
    hand.open("backups")
    hand.click(hand.page.get_by_role("button", name=word("bringScope.message"), exact=True))
    bring = region(hand, "backups.bring")
    hand.fill({"backups.person": FRESH_ADMIN, "backups.message": header_id, "form.reason": WHY}, bring)
    hand.send("backups.bring", bring)
    expect(bring.get_by_text(re.compile("[0-9]+통을 되돌렸습니다"))).to_be_visible(timeout=SOON_MS)


@task("rehearse the recovery of the host")
def _rehearse(hand: Hand) -> None:
    hand.open("encryption")
    kit = region(hand, "kit.title")
    confirm(hand, "kit.make", kit, {"kit.count": "3", "kit.need": "2", "form.reason": WHY})
    sheets = kit.get_by_role("article")
    expect(sheets).to_have_count(3, timeout=SOON_MS)
    shares = [sheets.nth(at).locator("pre").inner_text() for at in (2, 0)]
    hand.button("kit.forget", kit)
    hand.button("kit.rehearse", kit)
    for at, share in enumerate(shares, 1):
        kit.get_by_label(word("kit.typed").replace("{number}", str(at))).fill(share)
        hand.actions += 1
    hand.button("kit.try", kit)
    hand.prove()
    expect(kit).to_contain_text(word("kit.right"))


def _rotated(hand: Hand) -> None:
    hand.open("encryption")
    master = region(hand, "encryption.master")
    expect(master.locator("dd").first).not_to_have_text(hand.notes["master key"], timeout=SOON_MS)
    expect(master.get_by_role("progressbar")).to_have_count(0, timeout=SOON_MS)


@task("rotate the master key", shown=_rotated)
def _rotate(hand: Hand) -> None:
    hand.open("encryption")
    master = region(hand, "encryption.master")
    hand.notes["master key"] = master.locator("dd").first.inner_text()
    confirm(hand, "encryption.rotate", master, {"form.reason": WHY})
    # The old key is given up half a minute after the new one is in use; work goes on meanwhile.
    expect(master.get_by_role("progressbar")).to_be_visible(timeout=SOON_MS)


@task("probe a remote MX by SMTP")
def _probe(hand: Hand) -> None:
    hand.open("routeProbe")
    main = hand.page.get_by_role("main")
    hand.fill({"probe.to": "box@bench.test"}, main)
    hand.send("probe.run", main)
    expect(hand.page.get_by_role("status")).to_contain_text(word("probeOutcome.answered"), timeout=60_000)
    expect(hand.page.get_by_role("listitem").filter(has_text="EHLO").first).to_be_visible()


@task("send a test mail through a named host and read the dialogue")
def _test_mail(hand: Hand) -> None:
    hand.open("routeProbe")
    main = hand.page.get_by_role("main")
    port = str(hand.host.branch.ports["smtp"])
    hand.fill(
        {"probe.to": PARTNER, "probe.what": "send", "probe.way": "named", "ways.host": "127.0.0.1",
         "ways.port": port}, main,
    )  # fmt: skip
    hand.send("probe.run", main)
    expect(hand.page.get_by_role("status")).to_contain_text(word("probeOutcome.accepted"), timeout=60_000)
    expect(hand.page.get_by_role("listitem").filter(has_text=f"RCPT TO:<{PARTNER}>")).to_be_visible()


@task("let mail to one domain wait, and go on")
def _pause(hand: Hand) -> None:
    hand.open("queueRules")
    part = region(hand, "queueRules.paused")
    hand.button("queueRules.pause", part)
    hand.fill({"ways.domain": "partner.example"}, part)
    hand.send("queueRules.pause", part)
    line = part.get_by_role("listitem").filter(has_text="partner.example")
    expect(line).to_be_visible()
    hand.click(line.get_by_role("button"))
    expect(line).to_have_count(0)


@task("send slower to one destination")
def _slower(hand: Hand) -> None:
    hand.open("queueRules")
    part = region(hand, "queueRules.limits")
    hand.button("queueRules.setLimit", part)
    hand.fill({"ways.domain": "slow.example", "queueRules.perMinute": "30"}, part)
    hand.send("queueRules.setLimit", part)
    expect(part.get_by_role("listitem").filter(has_text="slow.example")).to_contain_text("30")


@task("look whether a signing key's record is there, and let keys change by themselves")
def _schedule(hand: Hand) -> None:
    hand.open("domains")
    hand.click(hand.page.get_by_role("row").filter(has_text=DOMAIN).first)
    hand.button("domains.checkKey", hand.panel)
    expect(hand.panel.get_by_text(word("dns.missing"), exact=True).first).to_be_visible()
    hand.button("domains.rotate", hand.panel)
    hand.fill({"domains.rotateDays": "90"}, hand.panel)
    hand.send("domains.rotate", hand.panel)
    expect(hand.panel).to_contain_text(word("domains.rotationOn").replace("{days}", "90"))


@task("trust an authority for signed mail")
def _mail_authority(hand: Hand) -> None:
    hand.open("mailTrust")
    part = region(hand, "trust.mail")
    hand.button("trust.add", part)
    pem = Authority().root.certificate.public_bytes(Encoding.PEM).decode()
    hand.upload("root.pem", pem, part)
    hand.send("trust.add", part)
    expect(part.get_by_role("row")).to_have_count(2)


@task("trust an authority for logins, and say how its family counts")
def _login_authority(hand: Hand) -> None:
    hand.open("loginTrust")
    part = region(hand, "trust.authorities")
    hand.button("trust.add", part)
    hand.upload("npki.pem", Authority().root.certificate.public_bytes(Encoding.PEM).decode(), part)
    hand.send("trust.add", part)
    expect(part.get_by_role("row")).to_have_count(2)
    rules = region(hand, "trust.families")
    hand.button("trust.setRule", rules)
    hand.fill({"trust.identity": "yes"}, rules)
    hand.send("trust.setRule", rules)
    expect(rules.get_by_role("row").filter(has_text=word("family.npki"))).to_be_visible()


@task("propose an investigation")
def _investigation(hand: Hand) -> None:
    hand.make("investigations", "investigations.new", {"investigations.whom": MINJI, "form.reason": WHY}, "김민지")
    expect(hand.page.get_by_role("row").filter(has_text="김민지")).to_contain_text(word("investigation.waits"))


@task("look at the log of a process as a file")
def _log_file(hand: Hand) -> None:
    hand.open("processes")
    with hand.page.expect_download() as kept:
        hand.button("processes.keep")
    assert "process.started" in pathlib.Path(kept.value.path()).read_text(encoding="utf-8")


@task("brand the sign-in page")
def _brand(hand: Hand) -> None:
    hand.open("appearance")
    hand.fill({"appearance.name": "한빛메일"}, hand.page.get_by_role("main"))
    hand.button("appearance.save")
    expect(hand.page.get_by_role("status")).to_contain_text(word("appearance.saved").partition(".")[0])
    browser = hand.page.context.browser
    assert browser is not None
    stranger = new_page(browser)
    stranger.goto(hand.host.admin_site)
    expect(stranger.get_by_text("한빛메일")).to_be_visible()
    stranger.context.close()


@task("update the table of countries by file")
def _countries(hand: Hand) -> None:
    hand.open("updates")
    part = hand.page.get_by_role("main")
    path = hand.folder / "countries.csv"
    path.write_text("network,country\n192.0.2.0/24,KR\n198.51.100.0/24,JP\n", encoding="utf-8")
    with hand.page.expect_file_chooser() as chosen:
        hand.button("updates.geoChoose", part, last=True)
    chosen.value.set_files(path)
    hand.actions += 1
    hand.prove()
    expect(part.get_by_text("countries.csv")).to_be_visible(timeout=60_000)


@task("decide about held mail")
def _held(hand: Hand) -> None:
    done = hand.actions
    for knob, value in (("spam.reject-score", "0"), ("spam.quarantine-score", "1")):
        hand.open("policy")
        hand.page.get_by_label(word("policy.find")).fill(knob)
        hand.page.get_by_role("row").nth(1).click()
        hand.button("policy.set", hand.panel)
        hand.fill({"policy.value": value, "form.reason": WHY}, hand.panel)
        hand.send("policy.set", hand.panel)
        expect(hand.panel).to_contain_text(word("form.done"))
    with smtplib.SMTP("localhost", hand.host.node.ports["smtp"], "mx.slow.example", timeout=30) as session:
        letter = (
            f"From: {JUNK}\r\nTo: {MINJI}\r\nSubject: cheap watches\r\nMessage-ID: <1@junk.example>\r\n\r\nbuy now\r\n"
        )
        session.sendmail(JUNK, [MINJI], letter.encode())
    hand.actions = done
    row = hand.page.get_by_role("row").filter(has_text="cheap watches")
    look_until(hand, "quarantine", row)
    hand.click(row.first)
    confirm(hand, "quarantine.release", hand.panel, {"form.reason": WHY})
    expect(row).to_have_count(0)


@task("go back to an earlier policy")
def _return(hand: Hand) -> None:
    hand.open("history")
    hand.click(hand.page.get_by_role("row").last)
    confirm(hand, "history.return", hand.panel, {"form.reason": WHY})
    expect(hand.panel).to_contain_text(word("form.done"))
    hand.open("rules")
    expect(hand.page.get_by_role("row").filter(has_text="signing.rotate-days")).to_have_count(0)


@task("open a second company with its domain and first administrator")
def _company(hand: Hand) -> None:
    hand.open("companies")
    hand.button("companies.new")
    hand.fill(
        {"companies.name": "누리정밀", "domains.name": "nuri.example", "companies.person": "서유나",
         "companies.local": "yuna.seo"}, hand.panel,
    )  # fmt: skip
    hand.send("companies.new", hand.panel)
    expect(hand.panel).to_contain_text("/setup#")
    link = hand.panel.locator("code").inner_text()
    hand.page.keyboard.press("Escape")
    browser = hand.page.context.browser
    assert browser is not None
    theirs = new_page(browser)
    theirs.goto(f"{hand.host.site}/setup#{link.partition('#')[2]}")
    expect(theirs.get_by_role("heading", name="시작하기")).to_be_visible()
    theirs.context.close()
    # Who ran the machine goes on.
    hand.page.reload()
    hand.open("queue")


@task("publish a text that everybody agrees to")
def _agreement(hand: Hand) -> None:
    hand.open("agreements")
    part = region(hand, "agreements.texts")
    hand.button("agreements.publish", part)
    hand.fill({"agreements.name": "privacy", "agreements.ko": "개인정보를 이렇게 다룹니다."}, part)
    hand.send("agreements.publish", part)
    expect(part.get_by_role("row").filter(has_text="privacy")).to_be_visible()
