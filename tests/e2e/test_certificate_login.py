"""Signing in with a certificate in Chromium: the key, its password, R and the identity number never leave the page."""

from __future__ import annotations

import base64
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Request, expect
from tests.e2e.company import Company, Person, obeyed, on_node, running_company
from tests.e2e.conftest import build_webmail
from tests.lab import npki
from tests.lab.npki import Issued, Pki
from tests.peers.served import until

from smartmail.domain.identity_certificates import CertificateRule
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson
from smartmail.service.identity.identity_certificates.trust import KNOWN_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company of its own: what these tests set about trust and factors is for nobody else, and the other way round."""
    build_webmail("webmail")
    with running_company(tmp_path_factory.mktemp("certified")) as running:
        yield running


MAIL_PASSWORD = "바다 위의 등대 47"
KEY_PASSWORD = "인증서-Pw!2026"
ID_NUMBER = "1208147521"
_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


@dataclass
class Traffic:
    """Everything that a page has sent."""

    requests: list[tuple[str, bytes]] = field(default_factory=list)

    def hear(self, page: Page) -> Traffic:
        page.on("request", self._take)
        return self

    def _take(self, request: Request) -> None:
        self.requests.append((f"{request.method} {request.url} {request.headers}", request.post_data_buffer or b""))

    def octets(self) -> bytes:
        """All of it, with what lies in it in base64 opened once more."""
        sent = b"\n".join(head.encode() + b"\n" + body for head, body in self.requests)
        inner = [base64.b64decode(one + b"=" * (-len(one) % 4)) for one in re.findall(rb"[A-Za-z0-9+/]{24,}={0,2}", sent)
                 if len(one) % 4 != 1]  # fmt: skip
        return b"\n".join([sent, *inner])

    def carries(self, secret: bytes) -> bool:
        """Say whether a secret is in it: plain, in hexadecimal digits, in base64 at any place."""
        found = self.octets()
        forms = [secret, secret.hex().encode(), secret.hex().upper().encode()]
        for shift in range(3):
            text = base64.b64encode(bytes(shift) + secret)
            forms.append(text[(4 if shift else 0) : -4])
        return any(form in found for form in forms if len(form) >= 8)


@dataclass
class World:
    """Somebody with a certificate at the demo company."""

    pki: Pki
    certificate: Issued
    login: str

    def secrets(self) -> dict[str, bytes]:
        numbers = self.certificate.key.private_numbers()
        return {
            "password": KEY_PASSWORD.encode(),
            "R": self.certificate.random,
            "identity number": ID_NUMBER.encode(),
            "d": numbers.d.to_bytes(256, "big")[:32],
            "p": numbers.p.to_bytes(128, "big")[:32],
            "q": numbers.q.to_bytes(128, "big")[-32:],
        }


def make_world(company: Company, login: str, name: str, *, identity: bool = False) -> World:
    """Somebody new, and an authority that the company trusts; lists are loaded by file, as in a closed network."""
    pki = Pki(organization=f"yessign-{login.partition('@')[0]}")
    person = pki.leaf(f"{name}()0099041234567890", number=ID_NUMBER)

    async def prepare(node: Node) -> None:
        services = node.services
        domain = await node.store.domain("hanbit.example")
        assert domain is not None
        await services.provisioning.person(NewPerson(login, name), MAIL_PASSWORD)
        for one in (pki.root, pki.sub):
            await services.trust_lists.add(_CLI, domain.organization_id, one.der, "npki")
        await services.revocation_lists.load(_CLI, domain.organization_id, pki.list())
        rule = CertificateRule(domain.organization_id, "hanbit.example", "npki", identity=identity)
        await services.trust_lists.set_rule(_CLI, rule)
        await services.governing.set_knob(_CLI, PolicyRule("certificate.revocation", Scope("system"), "hard"))
        await obeyed(node)

    on_node(company.node.directory, prepare)
    # Processes may know trust lists as they were up to two seconds ago.
    anew = time.monotonic() + KNOWN_MS / 1000
    until(lambda: time.monotonic() > anew, what="trust lists looked at anew")
    return World(pki, person, login)


def choose(page: Page, world: World, directory: Path, *, folder: Path | None = None) -> None:
    """Take both files out of an NPKI directory, or hand over a whole `folder`."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "signCert.der").write_bytes(world.certificate.der)
    (directory / "signPri.key").write_bytes(npki.key_file(world.certificate, KEY_PASSWORD))
    if folder is None:
        files = [directory / "signCert.der", directory / "signPri.key"]
        page.locator("input[type=file][multiple]").set_input_files(files)
    else:
        page.locator("input[type=file][webkitdirectory]").set_input_files(folder)
    expect(page.get_by_text("yessign-").first).to_be_visible()


def give_mail_password(page: Page, world: World) -> None:
    page.get_by_label("비밀번호", exact=True).fill(MAIL_PASSWORD)
    page.get_by_role("button", name="다음").click()
    page.get_by_text("끌어 놓으세요").wait_for()


def enrol(person: Person, world: World, directory: Path, number: str = "", folder: Path | None = None) -> None:
    """Sign in with the password alone and register the certificate."""
    page = person.sign_in(world.login, MAIL_PASSWORD).page
    page.goto(f"{person.site}/certificate")
    give_mail_password(page, world)
    choose(page, world, directory, folder=folder)
    page.get_by_label("인증서 비밀번호").fill(KEY_PASSWORD)
    page.get_by_role("button", name="등록").click()
    if number:
        page.get_by_label("신원확인번호").fill(number)
        page.get_by_label("인증서 비밀번호").fill(KEY_PASSWORD)
        page.get_by_role("button", name="등록").click()
    page.get_by_text("인증서를 등록했습니다").wait_for()


def begin(person: Person, world: World) -> Page:
    page = person.page
    page.goto(f"{person.site}/certificate")
    page.get_by_label("메일 주소").fill(world.login)
    give_mail_password(page, world)
    return page


def test_a_certificate_signs_in_and_nothing_of_it_leaves_the_page(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    world = make_world(company, "hong@hanbit.example", "홍길동")
    mine, later = new_person(), new_person()
    traffic = [Traffic().hear(mine.page), Traffic().hear(later.page)]
    # The whole NPKI folder, with a pair for encryption beside: nobody is asked for signCert.der.
    directory = tmp_path / "NPKI" / "yessign" / "USER" / "hong"
    directory.mkdir(parents=True)
    (directory / "kmCert.der").write_bytes(world.pki.leaf("홍길동", usages=("key_encipherment",)).der)
    (directory / "kmPri.key").write_bytes(npki.key_file(world.certificate, KEY_PASSWORD))
    enrol(mine, world, directory, folder=tmp_path / "NPKI")
    expect(mine.page.locator("code")).to_have_count(10)

    page = begin(later, world)
    choose(page, world, tmp_path / "files")
    for words in ("홍길동()0099041234567890", "yessign-hong 발급", "개인용", "까지"):
        expect(page.get_by_text(words).first).to_be_visible()
    page.get_by_label("인증서 비밀번호").fill(KEY_PASSWORD)
    page.get_by_role("button", name="로그인").click()
    page.get_by_role("heading", name="받은메일함").wait_for()

    for one in traffic:
        assert any("/auth/factor/" in head and b"cms" in body for head, body in one.requests)
        assert one.carries(world.certificate.certificate.serial_number.to_bytes(20, "big").lstrip(b"\0"))
        assert {name: one.carries(secret) for name, secret in world.secrets().items()} == dict.fromkeys(
            world.secrets(), False
        )
    octets = b"".join(path.read_bytes() for path in company.node.directory.rglob("*.db*") if path.is_file())
    assert world.certificate.random not in octets
    assert KEY_PASSWORD.encode() not in octets


def test_a_wrong_password_asks_nobody_and_counts_down(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    world = make_world(company, "kang@hanbit.example", "강감찬")
    enrol(new_person(), world, tmp_path / "USER")
    page = begin(new_person(), world)
    choose(page, world, tmp_path / "USER")
    traffic = Traffic().hear(page)
    for left in (4, 3, 2, 1):
        page.get_by_label("인증서 비밀번호").fill("틀린 비밀번호")
        page.get_by_role("button", name="로그인").click()
        expect(page.get_by_role("alert")).to_have_text(f"비밀번호가 일치하지 않습니다. 남은 횟수: {left}")
    page.get_by_label("인증서 비밀번호").fill("틀린 비밀번호")
    page.get_by_role("button", name="로그인").click()
    expect(page.get_by_role("alert")).to_contain_text("5번 잘못 입력했습니다")
    expect(page.get_by_label("인증서 비밀번호")).to_have_count(0)
    assert traffic.requests == []


def test_a_p12_with_an_identity_number_and_a_certificate_of_somebody_else(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    world = make_world(company, "shin@hanbit.example", "신사임당", identity=True)
    person = new_person()
    traffic = Traffic().hear(person.page)
    enrol(person, world, tmp_path / "NPKI", number="120-81-47521")
    assert [name for name, secret in world.secrets().items() if traffic.carries(secret)] == []

    other = world.pki.leaf("남의것()1", number=ID_NUMBER)
    (tmp_path / "other.p12").write_bytes(npki.bundle(other, [world.pki.sub], KEY_PASSWORD))
    page = begin(new_person(), world)
    page.locator("input[type=file][multiple]").set_input_files(tmp_path / "other.p12")
    expect(page.get_by_text("other.p12")).to_be_visible()
    page.get_by_label("인증서 비밀번호").fill(KEY_PASSWORD)
    page.get_by_role("button", name="로그인").click()
    page.get_by_label("신원확인번호").fill("1208147521")
    page.get_by_label("인증서 비밀번호").fill(KEY_PASSWORD)
    page.get_by_role("button", name="로그인").click()
    # A .p12 made by other programs has no R beside the key.
    expect(page.get_by_role("alert")).to_contain_text("확인할 정보가 없습니다")

    choose(page, world, tmp_path / "NPKI")
    page.get_by_label("신원확인번호").fill("9999999999")
    page.get_by_label("인증서 비밀번호").fill(KEY_PASSWORD)
    page.get_by_role("button", name="로그인").click()
    expect(page.get_by_role("alert")).to_contain_text("인증서와 맞지 않습니다")


def test_a_refusal_says_why(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    world = make_world(company, "jang@hanbit.example", "장영실")
    enrol(new_person(), world, tmp_path / "USER")
    other = world.pki.leaf("남의것()2")
    (tmp_path / "other.p12").write_bytes(npki.bundle(other, [world.pki.sub], KEY_PASSWORD, old=True))
    page = begin(new_person(), world)
    page.locator("input[type=file][multiple]").set_input_files(tmp_path / "other.p12")
    page.get_by_label("인증서 비밀번호").fill(KEY_PASSWORD)
    page.get_by_role("button", name="로그인").click()
    expect(page.get_by_role("alert")).to_have_text("이 계정에 등록한 인증서가 아닙니다.")


def test_the_sign_in_page_leads_to_the_certificate(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    world = make_world(company, "yi@hanbit.example", "이순신")
    enrol(new_person(), world, tmp_path / "USER")
    person = new_person()
    page = person.page
    page.goto(person.site)
    person.try_password(world.login, MAIL_PASSWORD)
    page.get_by_role("button", name="인증서").click()
    page.get_by_text("끌어 놓으세요").wait_for()
    choose(page, world, tmp_path / "USER")
    page.get_by_label("인증서 비밀번호").fill(KEY_PASSWORD)
    page.get_by_role("button", name="로그인").click()
    page.get_by_role("heading", name="받은메일함").wait_for()
