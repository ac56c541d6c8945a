"""A mail program asks in the browser to be let in: sign-in, consent, and IMAP with the token that it gets."""

from __future__ import annotations

import base64
import hashlib
import http.server
import imaplib
import json
import ssl
import threading
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from tests.e2e.company import DESKTOP, HERO, PHONE
from tests.e2e.pictures import keep_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer

VERIFIER = "a-verifier-of-a-program-that-is-long-enough-43"


class Listening(http.server.HTTPServer):
    """The program's own little server on loopback (RFC 8252 §7.3)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: dict[str, list[str]] = {}
        self.came = threading.Event()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Listening

    def do_GET(self) -> None:
        if self.path.startswith("/answer"):
            self.server.told = parse_qs(urlsplit(self.path).query)
            self.server.came.set()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><p>done")

    def log_message(self, *_args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def listening() -> Iterator[Listening]:
    server = Listening()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def post(company: Company, path: str, body: bytes, kind: str) -> dict[str, str]:
    trust = ssl.create_default_context(cafile=str(company.node.directory / "tls" / "ca.pem"))
    request = urllib.request.Request(company.site + path, body, {"content-type": kind})
    with urllib.request.urlopen(request, context=trust, timeout=60) as answer:
        return json.load(answer)


def test_a_program_is_let_in(
    company: Company, new_person: Callable[..., Person], listening: Listening, tmp_path: Path
) -> None:
    redirect = f"http://127.0.0.1:{listening.server_address[1]}/answer"
    document = {"client_name": "한빛 메일 앱", "redirect_uris": ["http://127.0.0.1/answer"]}
    client_id = post(company, "/oauth/register", json.dumps(document).encode(), "application/json")["client_id"]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    wish = urlencode(
        {
            "response_type": "code", "client_id": client_id, "redirect_uri": redirect, "scope": "imap smtp",
            "state": "42", "code_challenge": challenge, "code_challenge_method": "S256",
        }
    )  # fmt: skip
    person = new_person(viewport=DESKTOP)
    page = person.page
    page.goto(f"{company.site}/oauth/authorize?{wish}")
    # Not signed in yet: the sign-in page comes between, and leads back.
    person.try_password(HERO, "smartmail-demo")
    page.get_by_role("button", name="허용").wait_for()
    assert "한빛 메일 앱" in page.inner_text("main") and HERO in page.inner_text("main")
    for name, size in (("wide", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(size)
        keep_picture(page, tmp_path / f"consent-{name}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="허용").click()
    assert listening.came.wait(60)
    assert listening.told["state"] == ["42"] and listening.told["iss"] == [company.site]
    form = {
        "grant_type": "authorization_code", "client_id": client_id, "code": listening.told["code"][0],
        "redirect_uri": redirect, "code_verifier": VERIFIER,
    }  # fmt: skip
    tokens = post(company, "/oauth/token", urlencode(form).encode(), "application/x-www-form-urlencoded")
    assert tokens["scope"] == "imap smtp"
    trust = ssl.create_default_context(cafile=str(company.node.directory / "tls" / "ca.pem"))
    with imaplib.IMAP4_SSL("localhost", company.node.ports["imaps"], ssl_context=trust) as session:
        proof = f"n,a={HERO},\x01auth=Bearer {tokens['access_token']}\x01\x01"
        session.authenticate("OAUTHBEARER", lambda _: proof.encode())
        assert session.select("INBOX", readonly=True)[0] == "OK"
