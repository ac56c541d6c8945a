"""Ways through the webmail that the chapters for employees tell, each with the pictures taken on it."""

from __future__ import annotations

import contextlib
import os
import re

from playwright.sync_api import Locator, Page, TimeoutError, expect
from tests.e2e.controls import pick
from tests.guide.album import Stage, scene
from tests.guide.cast import PARTNER, PASSWORD, STRANGER, from_outside

PHONE = {"width": 390, "height": 720}
_MOST_CLICKS = 3
_OPENS_MS = 5000
_ROW_OPENS_MS = 20_000
"""Patience for a busy machine: a click that went to another row is seen after this."""


def sign_in(stage: Stage, page: Page | None = None) -> None:
    """Open the webmail as the person of the pictures."""
    page, words = page or stage.page, stage.words
    page.goto(stage.site)
    page.get_by_label(words("signIn.address")).fill(stage.cast.me.login)
    page.get_by_label(words("signIn.password"), exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=words("mailbox.inbox")).wait_for()


def inbox(stage: Stage) -> None:
    """The list of the inbox, with nothing open beside it."""
    stage.at("#")
    stage.page.get_by_role("row").nth(3).wait_for()


def row(stage: Stage, words: str) -> Locator:
    """The first row of the list that holds these words."""
    return stage.page.get_by_role("row").filter(has_text=words).first


def read(stage: Stage, subject: str) -> None:
    """Open a mail of the inbox."""
    inbox(stage)
    open_row(stage, subject)


def open_row(stage: Stage, subject: str) -> None:
    """Open a mail of the list. What comes in meanwhile moves the rows: look what opened, and click again."""
    heading = stage.page.get_by_role("article").get_by_role("heading", name=subject).first
    for _ in range(_MOST_CLICKS):
        row(stage, subject).click()
        with contextlib.suppress(TimeoutError):
            heading.wait_for(timeout=_ROW_OPENS_MS)
            break
        press(stage, "action.back")
    heading.wait_for()
    stage.page.frame_locator("article iframe").locator(".letter").first.wait_for()


def press(stage: Stage, key: str, within: Locator | None = None, **values: object) -> None:
    """Press a button by its words."""
    (within or stage.page).get_by_role("button", name=stage.words(key, **values), exact=True).first.click()


def choose(stage: Stage, key: str, **values: object) -> None:
    """Choose from an open menu."""
    stage.page.get_by_role("menuitem", name=stage.words(key, **values)).first.click()


def compose(stage: Stage, to: str, subject: str, text: str) -> Locator:
    """Write a letter; return its window."""
    page, words = stage.page, stage.words
    inbox(stage)
    page.keyboard.press("c")
    page.get_by_role("combobox", name=words("compose.to")).fill(f"{to},")
    page.get_by_role("textbox", name=words("compose.subject")).fill(subject)
    letter = page.get_by_role("textbox", name=words("compose.body"))
    letter.click()
    page.keyboard.insert_text(text)
    return page.locator("section.window").last


def discard(stage: Stage) -> None:
    """Throw the open letter away."""
    press(stage, "compose.discard")
    press(stage, "compose.discard", stage.page.get_by_role("dialog"))
    expect(stage.page.locator("section.window")).to_have_count(0)


def settings(stage: Stage, page: str) -> Locator:
    """Open a page of the settings; return all of it."""
    stage.at(f"#/settings/{page}")
    shown = stage.page.locator(".settings .page")
    shown.get_by_role("heading").first.wait_for()
    shown.locator(".content > *").first.wait_for()
    return shown


@scene("user", "sign-in")
def signing_in(stage: Stage) -> None:
    page = stage.new_page()
    page.goto(stage.site)
    page.get_by_label(stage.words("signIn.address")).fill(stage.cast.me.login)
    stage.shoot("sign-in", page.locator(".card"), page=page)
    page.context.close()


@scene("user", "mail-list", "mail-screen", "account-menu")
def reading(stage: Stage) -> None:
    inbox(stage)
    stage.shoot("mail-list")
    read(stage, stage.cast.mail[0].subject)
    stage.shoot("mail-screen")
    menu = stage.page.get_by_role("button", name=stage.words("nav.account"))
    menu.click()
    stage.shoot("account-menu", stage.page.get_by_role("dialog"), menu)
    stage.page.keyboard.press("Escape")


@scene("user", "attachment", "drawer")
def attachments(stage: Stage) -> None:
    page = stage.page
    read(stage, stage.cast.mail[0].subject)
    name = stage.cast.mail[0].file[0]  # type: ignore[index]
    page.get_by_role("article").get_by_role("button", name=name).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("table").wait_for()
    stage.shoot("attachment")
    page.keyboard.press("Escape")
    stage.at("#/attachments")
    page.get_by_text(name).first.wait_for()
    stage.shoot("drawer", most_height=420)


@scene("user", "search")
def searching(stage: Stage) -> None:
    inbox(stage)
    box = stage.page.get_by_role("combobox", name=stage.words("search.label"))
    box.fill(stage.say("from:도현 예산", "from:daniel budget"))
    box.press("Enter")
    row(stage, stage.cast.mail[0].subject).wait_for()
    expect(row(stage, stage.cast.mail[7].subject)).to_have_count(0)
    stage.shoot("search", most_height=420)


@scene("user", "composer", "planned", "undo", "receipts")
def writing(stage: Stage) -> None:
    page, words = stage.page, stage.words
    window = compose(
        stage,
        stage.cast.named(0).login,
        stage.say("예산안 의견 드립니다", "My comments on the budget"),
        stage.say(
            "팀장님, 전시회 비용은 그대로 두고 인쇄물을 조금 더 줄이면 어떨까요?",
            "Daniel, how about leaving the fairs as they are and printing a little less?",
        ),
    )
    stage.shoot("composer", window)
    window.get_by_role("button", name=words("plan.title")).click()
    stage.shoot("planned", window, page.get_by_role("menu"))
    page.keyboard.press("Escape")
    press(stage, "action.send", window)
    notices = page.locator("[role=region]").filter(has=page.get_by_role("button", name=words("notice.unsend")))
    notices.get_by_role("button", name=words("notice.unsend")).wait_for()
    stage.shoot("undo", notices)
    stage.at("#/receipts")
    page.get_by_text(stage.say("예산안 의견 드립니다", "My comments on the budget")).first.click()
    page.get_by_role("table").wait_for()
    stage.shoot("receipts", most_height=460)


@scene("user", "big-file")
def big_files(stage: Stage) -> None:
    window = compose(
        stage,
        PARTNER,
        stage.say("부스 도면 원본 보내드립니다", "The booth plan in full"),
        stage.say("도면 원본을 링크로 보냅니다.", "The plan comes as a link."),
    )
    name = stage.say("부스 도면 원본.zip", "booth-plan.zip")
    window.locator("footer input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": os.urandom(3 << 20)}
    )
    window.get_by_label(stage.words("big.days")).wait_for()
    expect(window.get_by_role("button", name=stage.words("big.pause", name=name))).to_have_count(0)
    stage.shoot("big-file", window)
    discard(stage)


@scene("user", "signature")
def signatures(stage: Stage) -> None:
    shown = settings(stage, "writing")
    press(stage, "signature.add", shown)
    words = stage.words
    shown.get_by_label(words("signature.words")).fill(
        stage.say("{{이름}} {{직위}} | 한빛그룹 {{부서}}", "{{이름}}, {{직위}} | Hanbit Group, {{부서}}")
    )
    shown.get_by_label(words("signature.words")).blur()
    shown.get_by_role("heading", name=words("signature.title")).first.scroll_into_view_if_needed()
    stage.shoot("signature", shown)


@scene("user", "folders", "tags")
def folders_and_tags(stage: Stage) -> None:
    page, words = stage.page, stage.words
    inbox(stage)
    for korean, english in (("서울 전시회", "Seoul fair"), ("견적", "Quotations")):
        press(stage, "folder.make")
        page.get_by_role("textbox", name=words("folder.name")).fill(stage.say(korean, english))
        press(stage, "folder.make", page.get_by_role("dialog"))
        expect(page.get_by_role("dialog")).to_have_count(0)
    link = page.get_by_role("navigation", name=words("mailbox.label")).first.get_by_role(
        "link", name=stage.say("서울 전시회", "Seoul fair")
    )
    link.click(button="right")
    stage.shoot("folders", link, page.get_by_role("menu"))
    page.keyboard.press("Escape")
    for korean, english in (("계약", "Contract"), ("확인 필요", "To check")):
        press(stage, "tag.make")
        page.get_by_role("textbox", name=words("tag.name")).fill(stage.say(korean, english))
        press(stage, "tag.make", page.get_by_role("dialog"))
        expect(page.get_by_role("dialog")).to_have_count(0)
    open_row(stage, stage.cast.mail[4].subject)
    page.keyboard.press("l")
    menu = page.get_by_role("menu")
    menu.wait_for()
    stage.shoot("tags", most_height=340)
    menu.get_by_text(stage.say("계약", "Contract")).click()
    page.keyboard.press("Escape")


@scene("user", "rule")
def rules(stage: Stage) -> None:
    page, words = stage.page, stage.words
    shown = settings(stage, "rules")
    press(stage, "rules.new", shown)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words("rules.name")).fill(stage.say("전시회 메일 모으기", "Mail about the fair"))
    pick(dialog.get_by_label(words("rules.where")), "subject")
    dialog.get_by_label(words("rules.what")).fill(stage.say("전시회", "fair"))
    pick(dialog.get_by_label(words("rules.mailbox")), stage.say("서울 전시회", "Seoul fair"))
    # How many of the newest fit.
    dialog.get_by_text(re.compile(r"\d+\D+\d+")).first.wait_for()
    stage.shoot("rule", dialog)
    press(stage, "action.cancel", dialog)


@scene("user", "share")
def sharing(stage: Stage) -> None:
    page, words = stage.page, stage.words
    inbox(stage)
    page.get_by_role("navigation", name=words("mailbox.label")).first.get_by_role(
        "link", name=stage.say("서울 전시회", "Seoul fair")
    ).click(button="right")
    choose(stage, "share.open")
    dialog = page.get_by_role("dialog")
    for one in stage.cast.colleagues[:2]:
        dialog.get_by_label(words("share.who")).fill(one.name)
        dialog.get_by_role("option").filter(has_text=one.name).first.wait_for()
        page.keyboard.press("Enter")
        dialog.get_by_role("button", name=re.compile(re.escape(one.name))).first.wait_for()
    dialog.get_by_role("radio", name=words("share.file")).check()
    stage.shoot("share", dialog)
    page.keyboard.press("Escape")


@scene("user", "contacts", "organization")
def people(stage: Stage) -> None:
    page, words = stage.page, stage.words
    stage.at("#/contacts")
    page.locator(".section").get_by_role("button", name=words("contacts.new")).first.wait_for()
    partners = (
        (stage.cast.partner, "minsu.park@daehan.example", stage.say("대한정밀", "Daehan Precision")),
        (stage.say("김태리", "Terry Kim"), "taeri.kim@saebom.example", stage.say("새봄인쇄", "Saebom Print")),
        (stage.say("최유진", "Eugene Choi"), "yujin.choi@coex.example", stage.say("서울전시", "Seoul Fairs")),
    )
    for name, address, firm in partners:
        page.keyboard.press("n")
        panel = page.get_by_role("complementary", name=words("contacts.new"))
        panel.get_by_label(words("contacts.name"), exact=True).fill(name)
        panel.get_by_role("textbox", name=words("person.email"), exact=True).fill(address)
        panel.get_by_label(words("contacts.company"), exact=True).fill(firm)
        press(stage, "tag.save", panel)
        page.locator(".section [role=row]").filter(has_text=name).first.wait_for()
        stage.at("#/contacts")
        page.locator(".section [role=row]").filter(has_text=name).first.wait_for()
    page.locator(".section [role=row]").filter(has_text=stage.cast.partner).first.click()
    stage.shoot("contacts", most_height=460)
    stage.at("#/organization")
    page.get_by_role("treeitem").first.wait_for()
    page.get_by_role("treeitem").filter(has_text=stage.cast.me.department).last.click()
    mine = page.locator(".section [role=row]").filter(has_text=stage.cast.named(0).name).first
    mine.click()
    stage.shoot("organization", most_height=460)


@scene("user", "vacation", "forward")
def absence(stage: Stage) -> None:
    shown, words = settings(stage, "vacation"), stage.words
    shown.get_by_role("switch").first.click()
    shown.get_by_label(words("vacation.from")).fill("2026-12-21T09:00")
    shown.get_by_label(words("vacation.until")).fill("2026-12-24T18:00")
    shown.get_by_label(words("vacation.inside")).fill(
        stage.say(
            "12월 24일까지 휴가입니다. 급한 일은 강도현 팀장님께 연락해 주세요.",
            "I am on leave until 24 December. For urgent matters please ask Daniel Kang.",
        )
    )
    stage.shoot("vacation", shown)
    stage.shoot("forward", settings(stage, "forward"), most_height=360)


@scene("user", "programs", "connect")
def programs(stage: Stage) -> None:
    page, words = stage.page, stage.words
    shown = settings(stage, "programs")
    press(stage, "programs.newApp", shown)
    page.get_by_role("dialog").get_by_label(words("programs.name")).fill(
        stage.say("회사 노트북 Outlook", "Outlook on the laptop")
    )
    stage.shoot("programs", page.get_by_role("dialog"))
    page.keyboard.press("Escape")
    stage.at("connect")
    page.get_by_role("table").wait_for()
    # Below are the ports of this very node: the chapter has those of everybody.
    stage.shoot("connect", page.locator(".card"), most_height=560)


@scene("user", "device", "phone-list", "phone-mail")
def phone(stage: Stage) -> None:
    stage.shoot("device", settings(stage, "device"), most_height=420)
    page = stage.new_page(PHONE)
    sign_in(stage, page)
    page.get_by_role("row").nth(3).wait_for()
    stage.shoot("phone-list", page=page)
    page.get_by_role("row").filter(has_text=stage.cast.mail[0].subject).first.click()
    page.frame_locator("article iframe").locator(".letter").first.wait_for()
    stage.shoot("phone-mail", page=page)
    page.context.close()


@scene("user", "outside", "route", "warning", "report")
def safety(stage: Stage) -> None:
    page, words = stage.page, stage.words
    name, subject, text = stage.cast.lure
    html = f'<p>{text}</p><p><a href="https://hanbit-hr.example/login">https://mail.hanbit.example/pay</a></p>'
    lure = from_outside(stage.cast, subject, text, sender=(name, STRANGER), html=html)
    stage.company.deliver(stage.cast.me.login, lure, STRANGER)
    read(stage, stage.cast.outside[0][0])
    stage.shoot("outside", page.get_by_role("article").first, most_height=420)
    press(stage, "reading.showDetails", page.get_by_role("article"))
    press(stage, "details.open", page.get_by_role("article"))
    page.get_by_text(words("route.verified"), exact=True).first.wait_for()
    stage.shoot("route")
    page.keyboard.press("Escape")
    page.get_by_role("link", name=words("mailbox.junk")).click()
    open_row(stage, subject)
    stage.shoot("warning", page.get_by_role("article").first, most_height=420)
    press(stage, "action.more", page.get_by_role("article"))
    choose(stage, "action.phishing")
    page.get_by_role("dialog").wait_for()
    stage.shoot("report", page.get_by_role("dialog"))
    # Reported in earnest: the administrators' page of cases shows it.
    press(stage, "phishing.verb", page.get_by_role("dialog"))
    expect(page.get_by_role("dialog")).to_have_count(0)


@scene("user", "two-factor", "sessions")
def account(stage: Stage) -> None:
    stage.shoot("two-factor", settings(stage, "security"), most_height=520)
    stage.shoot("sessions", settings(stage, "sessions"), most_height=460)


@scene("user", "bulletins")
def bulletins(stage: Stage) -> None:
    page = stage.page
    title = stage.cast.bulletin[0]
    # Once for each person it comes up by itself, over whatever stands there.
    stage.at("#/bulletins")
    page.locator(".section").get_by_text(title).first.wait_for()
    dialog = page.get_by_role("dialog", name=title)
    with contextlib.suppress(TimeoutError):
        dialog.wait_for(timeout=_OPENS_MS)
        press(stage, "bulletin.later", dialog)
    page.locator(".section").get_by_text(title).first.click()
    page.locator(".section").get_by_role("button", name=stage.words("bulletin.read")).wait_for()
    stage.shoot("bulletins", most_height=460)


@scene("user", "snooze", "snoozed")
def snoozing(stage: Stage) -> None:
    page, words = stage.page, stage.words
    for at, key in ((6, "snooze.nextWeek"), (3, "snooze.tomorrow")):
        read(stage, stage.cast.mail[at].subject)
        press(stage, "snooze.title")
        page.get_by_role("menu").wait_for()
        if at == 3:
            stage.shoot("snooze", most_height=340)
        choose(stage, key)
        page.locator("[role=region]").get_by_role("button", name=words("action.undo")).first.wait_for()
    stage.at("#/snoozed")
    page.locator(".section").get_by_text(stage.cast.mail[3].subject).first.wait_for()
    stage.shoot("snoozed", most_height=340)


@scene("user", "pulls")
def pulls(stage: Stage) -> None:
    page, words = stage.page, stage.words
    press(stage, "pulls.add", settings(stage, "pulls"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words("pulls.login")).fill(stage.say("seohyun.yoon@old.example", "grace.yoon@old.example"))
    stage.shoot("pulls", dialog)
    page.keyboard.press("Escape")


@scene("user", "parcels")
def parcels(stage: Stage) -> None:
    page = stage.page
    shown = settings(stage, "parcels")
    press(stage, "parcels.askTitle", shown)
    stage.shoot("parcels", page.get_by_role("dialog"))
    page.keyboard.press("Escape")


@scene("user", "basic")
def basic(stage: Stage) -> None:
    page = stage.new_page()
    page.goto(f"{stage.site}/basic")
    page.locator("input[name=address], input[type=email], input[type=text]").first.fill(stage.cast.me.login)
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=stage.cast.mail[0].subject).wait_for()
    stage.shoot("basic", page=page, most_height=420)
    page.context.close()
