"""A certificate shown in the handshake on a port of its own proves a second factor (KA-7), and nothing else does there."""

import asyncio
import http.client
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.lab.npki import DAY, Issued, Pki
from tests.peers.served import Served, free_port_base, put_node_file, until

from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.httpd.security import COOKIE
from smartmail.service.flow.directory import NewPerson

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
LOGIN, PASSWORD = "token@bench.test", "바다 위의 등대 47"
HONG = "홍길동()0099041234567890"
PAGE = {"X-SmartMail": "1", "Content-Type": "application/json"}


@dataclass
class Door:
    """A node with that port, an authority that it trusts, and one that it does not."""

    node: Served
    pki: Pki
    folder: Path

    def ask(
        self, port: str, method: str, path: str, body: object = None, who: Issued | None = None, cookie: str = "",
        with_authority: bool = True,
    ) -> http.client.HTTPResponse:  # fmt: skip
        """Ask one thing over a connection of its own, on which `who` is shown."""
        context = ssl.create_default_context(cafile=str(self.node.directory / "tls" / "ca.pem"))
        if who is not None:
            place = self.folder / "shown.pem"
            chain = who.certificate.public_bytes(Encoding.PEM)
            if with_authority:
                chain += self.pki.sub.certificate.public_bytes(Encoding.PEM)
            place.write_bytes(chain + who.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            context.load_cert_chain(place)
        line = http.client.HTTPSConnection("localhost", self.node.ports[port], timeout=60, context=context)
        headers = {
            **(PAGE if body is not None else {}),
            **({"Cookie": cookie} if cookie else {}),
            "Accept-Language": "ko",
        }
        line.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = line.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]
        line.close()
        return answer

    def sign_in(self) -> tuple[str, str]:
        """Return challenge and session cookie of a password; one of them is empty."""
        answer = self.ask("https", "POST", "/auth/login", {"address": LOGIN, "password": PASSWORD})
        if answer.status == 204:
            return "", cookie_of(answer)
        assert answer.status == 200, (answer.status, answer.text)  # type: ignore[attr-defined]
        document = json.loads(answer.text)  # type: ignore[attr-defined]
        return document.get("challenge", ""), cookie_of(answer)


def cookie_of(answer: http.client.HTTPResponse) -> str:
    found = [one.partition(";")[0] for one in answer.headers.get_all("set-cookie", [])]
    return "; ".join(one for one in found if one.startswith(f"{COOKIE}="))


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("certificate-port")
    pki = Pki("porter")
    with free_port_base() as base:
        node = Served(folder / "node", base, "--bench")
        put_node_file(node.directory, "[tls]\ncertificate_logins = true\n")

        async def prepare() -> None:
            async with open_node(load(str(node.directory))) as opened:
                services = opened.services
                domain = await opened.store.domain("bench.test")
                assert domain is not None
                await services.provisioning.person(NewPerson(LOGIN, "홍길동"), PASSWORD)
                for one in (pki.root, pki.sub):
                    await services.trust_lists.add(CLI, domain.organization_id, one.der, "npki")
                await services.governing.set_knob(CLI, PolicyRule("certificate.revocation", Scope("system", ""), "off"))

        try:
            node.start()
            asyncio.run(prepare())
            yield Door(node, pki, folder)
        finally:
            node.kill_all()


def enrol(door: Door, who: Issued) -> None:
    """Prove the password, enrol on the port, with a challenge of the usual door."""
    challenge, cookie = door.sign_in()
    assert not challenge and cookie
    begun = door.ask(
        "https", "POST", "/auth/factor/begin", {"kind": "certificate", "password": PASSWORD}, cookie=cookie
    )
    document = json.loads(begun.text)  # type: ignore[attr-defined]
    assert document["shownAt"] == f"https://localhost:{door.node.ports['https-certificate']}"
    done = door.ask("https-certificate", "POST", f"/certificate/enrol/{document['challenge']}", None, who, cookie)
    assert done.status == 200, done.text[-700:]  # type: ignore[attr-defined]
    assert "등록했습니다" in done.text and "복구 코드" in done.text  # type: ignore[attr-defined]


def shown(door: Door, who: Issued | None, **more: object) -> http.client.HTTPResponse:
    """Answer the challenge of a fresh password by what is shown in the handshake."""
    challenge, _cookie = door.sign_in()
    return door.ask("https-certificate", "POST", f"/certificate/login/{challenge}", None, who, **more)  # type: ignore[arg-type]


def test_what_is_shown_in_the_handshake_proves_and_nothing_else_does(door: Door) -> None:
    mine = door.pki.leaf(HONG)
    # The list of authorities reaches the doors of other processes within seconds.
    until(lambda: _is_asked(door, mine), 120, "the authority to be asked for")
    enrol(door, mine)

    challenge, cookie = door.sign_in()
    assert challenge and not cookie, "the password alone opens nothing any more"
    page = door.ask("https-certificate", "GET", f"/certificate/login/{challenge}", None, mine)
    assert page.status == 200 and "<button>로그인</button>" in page.text  # type: ignore[attr-defined]
    opened = door.ask("https-certificate", "POST", f"/certificate/login/{challenge}", None, mine)
    assert (opened.status, opened.headers["location"]) == (303, f"https://localhost:{door.node.ports['https']}/")
    me = door.ask("https", "GET", "/auth/me", cookie=cookie_of(opened))
    assert me.status == 200 and json.loads(me.text)["address"] == LOGIN  # type: ignore[attr-defined]

    again = door.ask("https-certificate", "POST", f"/certificate/login/{challenge}", None, mine)
    assert again.status == 403 and not cookie_of(again), "a challenge serves once"
    nobody = shown(door, None)
    assert nobody.status == 403 and "제시하지 않았습니다" in nobody.text and not cookie_of(nobody)  # type: ignore[attr-defined]
    other = shown(door, door.pki.leaf("이몽룡()2"))
    assert other.status == 403 and "등록한 인증서가 아닙니다" in other.text and not cookie_of(other)  # type: ignore[attr-defined]
    cipher = shown(door, door.pki.leaf("성춘향()3", usages=("digital_signature",), policy="1.2.410.200004.5.1.1.7.9"))
    assert cipher.status == 403 and not cookie_of(cipher)


@pytest.mark.parametrize("how", ["unknown", "expired"])
def test_what_no_authority_stands_behind_fails_in_the_handshake(door: Door, how: str) -> None:
    until(lambda: _is_asked(door, door.pki.leaf(HONG)), 120, "the authority to be asked for")
    stranger = Pki("stranger").leaf(HONG) if how == "unknown" else door.pki.leaf(HONG, until=-DAY / 2)
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        door.ask("https-certificate", "GET", "/certificate/login/x", None, stranger, with_authority=how == "expired")


def test_the_usual_port_asks_for_none_and_the_other_serves_nothing_else(door: Door) -> None:
    stranger = Pki("stranger").leaf(HONG)
    assert door.ask("https", "GET", "/health", None, stranger, with_authority=False).status == 200
    for path in ("/", "/jmap/session", "/auth/me", "/basic/"):
        assert door.ask("https-certificate", "GET", path).status == 404


def _is_asked(door: Door, who: Issued) -> bool:
    # Two processes serve the port; connections fall on either.
    return all(door.ask("https-certificate", "GET", "/certificate/login/x", None, who).status == 200 for _ in range(10))


def test_the_port_is_shut_where_nobody_asked_for_it(tmp_path: Path) -> None:
    assert load(str(tmp_path / "data")).ports()["https-certificate"] is None
