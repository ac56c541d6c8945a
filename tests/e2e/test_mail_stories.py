"""What becomes of mail is told on the trace page, and a proved logo stands beside its sender; on a real node."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP, HERO, PHONE, letter, on_node, until_shown, wait_for_mail
from tests.e2e.demo_desk import settle
from tests.e2e.pictures import keep_picture
from tests.unit.formats.mark_house import LOGO, Authority

from smartmail.domain.brands import BrandLogo
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.inspection import AuthResult, Inspection
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.mark_certificate import fingerprint
from smartmail.service.flow.authentication.brands import source_of
from smartmail.service.kernel.inspection.keeping import seal_inspection
from smartmail.service.kernel.intake import Intake, new_message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
PLACES = ("https://bank.test/logo.svg", "https://bank.test/mark.pem")


def test_what_became_of_a_message_is_on_the_trace_page(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    company.deliver(HERO, letter(HERO, "돌려 읽은 안내문"))
    with company.imap(HERO) as session:
        wait_for_mail(session, "돌려 읽은 안내문")
        session.literal = "돌려 읽은 안내문".encode()  # type: ignore[attr-defined]
        [uid] = session.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT")[1][0].split()
        session.uid("FETCH", uid.decode(), "(BODY[])")
        session.uid("MOVE", uid.decode(), "Trash")
    page = sign_in(new_person(viewport=DESKTOP).page, company)
    go(page, "메일 추적")
    row = page.get_by_role("row").filter(has_text="돌려 읽은 안내문")
    moved = panel(page).get_by_role("listitem").filter(has_text="옮김")
    until_shown(row, page.get_by_role("button", name="찾기").click)

    def open_anew() -> None:
        page.get_by_role("button", name="찾기").click()
        row.first.click()

    row.first.click()
    until_shown(moved, open_anew)
    expect(panel(page).get_by_role("listitem").filter(has_text="읽음")).to_contain_text(f"{HERO} · IMAP")
    expect(moved).to_contain_text("휴지통")
    look(page, "story", tmp_path)


def test_a_proved_logo_stands_beside_its_sender(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    authority = Authority("가나다 인증")

    async def arrive(node: Node) -> None:
        services = node.services
        account = next(one for one in await node.store.accounts() if one.login == HERO)
        await services.brands.trust.add_root(CLI, account.organization_id, authority.pem())
        await node.store.put_brand_logo(
            BrandLogo(
                "bank.test", source_of(*PLACES), 1 << 52, hashlib.sha256(LOGO).digest(), LOGO, "verified", "한빛은행",
                "가나다 인증", fingerprint(authority.root),
            )
        )  # fmt: skip
        bimi = (
            ("header.d", "bank.test"), ("policy.indicator-uri", PLACES[0]), ("policy.authority-uri", PLACES[1]),
        )  # fmt: skip
        found = Inspection(
            (
                AuthResult("dmarc", "pass", "", (("header.from", "bank.test"), ("policy.dmarc", "reject"))),
                AuthResult("bimi", "pass", "", bimi),
            ),
            aligned=True,
        )
        desk = services.delivery.desk
        keys = await desk.keyring.account(account)
        intake = await Intake.begin(desk.blobs, account.organization_id)
        await intake.feed(letter(HERO, "이번 달 명세서", "명세서를 보내 드립니다.\n", sender="notice@bank.test"))
        content = await intake.finish()
        message = new_message(
            keys, content, (await desk.mailbox(account.id, "inbox"),), received_at=desk.clock.now(),
            inspection=seal_inspection(keys, content.blob.row.id, found),
        )  # fmt: skip
        await node.store.write(account.id, lambda tx: tx.add_message(message))

    on_node(company.node.directory, arrive)
    person = new_person(viewport=DESKTOP).sign_in(HERO)
    person.read("이번 달 명세서")
    page = person.page
    head = page.get_by_role("article")
    picture = head.get_by_role("img", name="한빛은행 로고")
    expect(picture).to_be_visible()
    expect(head).to_contain_text("확인된 로고 · 인증서 발급자 가나다 인증")
    picture.evaluate("one => one.decode()")  # fails where what came is no picture
    assert picture.evaluate("one => one.naturalWidth") > 0
    for name, size in (("wide", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(size)
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
        settle(page)
        keep_picture(page, tmp_path / f"logo-{name}.png")
