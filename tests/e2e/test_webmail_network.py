"""The production build over HTTP: what the webmail really sends, against a few canned JMAP answers.

The whole story with a real SmartMail behind it is told elsewhere; this holds the client to its side of the wire:
the session cookie, the header that no foreign form can set, the addresses of the session object, push, upload.
"""

from __future__ import annotations

import http.server
import json
import pathlib
import queue
import threading
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import DemoHandler, build_webmail

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.peer

CORE = "urn:ietf:params:jmap:core"
MAIL = "urn:ietf:params:jmap:mail"
SUBMISSION = "urn:ietf:params:jmap:submission"
SESSION = {
    "username": "kim@hanbit.example",
    "apiUrl": "/jmap/api",
    "downloadUrl": "/jmap/download/{accountId}/{blobId}/{name}?accept={type}",
    "uploadUrl": "/jmap/upload/{accountId}",
    "eventSourceUrl": "/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}",
    "state": "1",
    "accounts": {"a1": {"name": "kim", "isPersonal": True, "isReadOnly": False, "accountCapabilities": {}}},
    "primaryAccounts": {MAIL: "a1"},
    "capabilities": {CORE: {"maxCallsInRequest": 16, "maxSizeUpload": 1000}, MAIL: {}, SUBMISSION: {}},
}


def email(number: int) -> dict[str, Any]:
    """One message as Email/get gives it."""
    return {
        "id": f"m{number}",
        "blobId": f"b{number}",
        "threadId": f"t{number}",
        "mailboxIds": {"inbox": True},
        "keywords": {},
        "from": [{"name": "박서준", "email": "park@hanbit.example"}],
        "to": [{"name": None, "email": "kim@hanbit.example"}],
        "subject": f"편지 {number}",
        "receivedAt": "2026-11-24T06:12:00Z",
        "preview": "미리 보기",
        "hasAttachment": False,
        "size": 1000,
        "attachments": [],
        "messageId": [f"{number}@hanbit.example"],
        "textBody": [{"partId": "1", "type": "text/plain"}],
        "bodyValues": {"1": {"value": "본문입니다", "isTruncated": False}},
    }


class World:
    """What the canned server knows and what it was asked."""

    def __init__(self) -> None:
        """Two messages, nobody signed in."""
        self.emails = [email(2), email(1)]
        self.signed_in = False
        self.state = 1
        self.calls: list[list[Any]] = []
        self.bare: list[str] = []
        self.uploads: list[bytes] = []
        self.pushes: queue.Queue[str] = queue.Queue()
        self.event_address = ""

    def arrive(self) -> None:
        """One more message, and the push that tells of it."""
        self.emails.insert(0, email(len(self.emails) + 1))
        self.state += 1
        states = {"Email": str(self.state), "Mailbox": str(self.state)}
        self.pushes.put(json.dumps({"@type": "StateChange", "changed": {"a1": states}}))

    def answer(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        """Answer one method call."""
        shown = [{"id": "inbox", "name": "Inbox", "role": "inbox"}, {"id": "drafts", "name": "D", "role": "drafts"}]
        shown.append({"id": "sent", "name": "S", "role": "sent"})
        count = {"parentId": None, "sortOrder": 1, "totalEmails": len(self.emails), "unreadEmails": len(self.emails)}
        base = {"accountId": "a1", "state": str(self.state), "notFound": []}
        changes = {"oldState": "1", "newState": str(self.state), "hasMoreChanges": False, "destroyed": []}
        ids = [each["id"] for each in self.emails]
        answers: dict[str, dict[str, Any]] = {
            "Mailbox/get": base | {"list": [box | count for box in shown]},
            "Mailbox/changes": changes | {"created": [], "updated": ["inbox"]},
            "Email/query": {"queryState": "1", "position": 0, "ids": ids, "total": len(ids)},
            "Email/get": base | {"list": [each for each in self.emails if args.get("ids") in (None, [each["id"]])]},
            "Email/changes": changes | {"created": ids[:1], "updated": []},
            "Identity/get": base | {"list": [{"id": "i1", "name": "김민지", "email": "kim@hanbit.example"}]},
            "Thread/get": base | {"list": [{"id": "t1", "emailIds": ["m1"]}]},
        }
        created = {key: {"id": f"new-{key}"} for key in args.get("create") or {}}
        return answers.get(name, {"newState": str(self.state), "created": created, "updated": None})


class Handler(DemoHandler):
    """The few addresses of the server that the webmail uses."""

    world: World
    protocol_version = "HTTP/1.1"

    def _send(self, status: int, value: object = None, kind: str = "application/json") -> None:
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        path = self.path.split("?")[0]
        if path == "/jmap/session":
            self._send(200, SESSION) if self.world.signed_in else self._send(401, {"title": "auth_failed"})
        elif path == "/jmap/eventsource":
            self._push()
        elif path.startswith("/jmap/render/a1/"):
            self._send(200, {"html": "<p>본문입니다</p>", "lang": "ko", "remoteCount": 0})
        else:
            super().do_GET()

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("X-SmartMail") != "1":
            self.world.bare.append(self.path)
        if self.path == "/auth/login":
            self.world.signed_in = json.loads(body)["password"] == "right"  # noqa: S105 - a test's password
            self._send(204) if self.world.signed_in else self._send(
                401, {"title": "auth_failed"}, "application/problem+json"
            )
        elif self.path == "/jmap/api":
            calls = json.loads(body)["methodCalls"]
            self.world.calls += calls
            answers = [[name, self.world.answer(name, args), call] for name, args, call in calls]
            self._send(200, {"methodResponses": answers, "sessionState": "1"})
        elif self.path == "/jmap/upload/a1":
            self.world.uploads.append(body)
            kind = self.headers["Content-Type"]
            self._send(201, {"accountId": "a1", "blobId": "up1", "type": kind, "size": len(body)})
        else:
            self._send(404)

    def _push(self) -> None:
        self.world.event_address = self.path
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while (change := self.world.pushes.get()) != "end":
            self.wfile.write(f"event: state\ndata: {change}\n\n".encode())
            self.wfile.flush()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def page(chromium: Browser, world: World, tmp_path: pathlib.Path) -> Iterator[Page]:
    directory = build_webmail("webmail", tmp_path / "site")
    kind = type("BoundHandler", (Handler,), {"world": world})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: kind(*args, directory=str(directory)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = chromium.new_context(
        base_url=f"http://127.0.0.1:{server.server_address[1]}", locale="ko-KR", timezone_id="Asia/Seoul"
    )
    yield context.new_page()
    context.close()
    world.pushes.put("end")
    server.shutdown()


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("메일 주소").fill("kim@hanbit.example")
    page.get_by_label("비밀번호", exact=True).fill("right")
    page.keyboard.press("Enter")
    page.locator("#row-1").wait_for()


def test_signing_in_reads_the_list_with_one_joined_request(page: Page, world: World) -> None:
    sign_in(page)
    expect(page.locator("#row-0 .subject")).to_have_text("편지 2")
    # Other requests may overtake; the calls of one stay together.
    names = [name for name, _args, _id in world.calls]
    at = names.index("Email/query")
    # What the person chose, and whatever else is kept of them, travels with the mailboxes.
    assert names[0] == "UserPreferences/get"
    assert "Mailbox/get" in names[:at]
    assert names[at + 1] == "Email/get"
    assert world.calls[at + 1][1]["#ids"] == {"resultOf": world.calls[at][2], "name": "Email/query", "path": "/ids"}
    # Once events are connected, the page asks what it missed meanwhile: that is another request.
    until = names.index("Mailbox/changes") if "Mailbox/changes" in names else len(names)
    # Counts of saved searches ask for one row each.
    lists = [args for name, args, _id in world.calls[:until] if name == "Email/query" and args.get("limit") != 1]
    assert len(lists) == 1
    assert world.bare == []


def test_a_wrong_password_is_told_without_a_code(page: Page) -> None:
    page.goto("/")
    page.get_by_label("메일 주소").fill("kim@hanbit.example")
    page.get_by_label("비밀번호", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("메일 주소 또는 비밀번호가 맞지 않습니다.")


def test_a_push_brings_the_new_row(page: Page, world: World) -> None:
    sign_in(page)
    page.wait_for_function("() => document.title.startsWith('(2)')")
    world.arrive()
    expect(page.locator("#row-0 .subject")).to_have_text("편지 3")
    assert world.event_address == "/jmap/eventsource?types=*&closeafter=no&ping=30"


def test_sending_creates_submits_and_files_in_one_request(page: Page, world: World) -> None:
    sign_in(page)
    page.keyboard.press("c")
    page.get_by_role("combobox", name="받는사람").fill("lee@out.example,")
    page.get_by_role("textbox", name="제목").fill("안녕하세요")
    page.get_by_role("textbox", name="본문").click()
    page.keyboard.type("첫 줄")
    page.locator("input[type=file]:not([accept])").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    expect(page.get_by_text("5 B")).to_be_visible()
    page.get_by_role("button", name="보내기", exact=True).click()
    expect(page.get_by_role("region", name="알림")).to_contain_text("보냈습니다")
    assert world.uploads == [b"hello"]
    [submission] = [args for name, args, _id in world.calls if name == "EmailSubmission/set"]
    assert submission["create"] == {"sending": {"identityId": "i1", "emailId": "#mail", "recipientsChecked": True}}
    assert submission["onSuccessUpdateEmail"]["#sending"] == {
        "mailboxIds/drafts": None,
        "mailboxIds/sent": True,
        "keywords/$draft": None,
        "keywords/$seen": True,
    }
    letter = [args for name, args, _id in world.calls if name == "Email/set" and "mail" in (args.get("create") or {})][
        0
    ]
    mail = letter["create"]["mail"]
    assert mail["from"] == [{"name": "김민지", "email": "kim@hanbit.example"}]
    assert mail["to"] == [{"name": None, "email": "lee@out.example"}]
    assert mail["bodyValues"]["text"]["value"] == "첫 줄"
    assert mail["bodyValues"]["html"]["value"] == '<p style="margin:0">첫 줄</p>'
    assert mail["attachments"] == [
        {"blobId": "up1", "type": "text/plain", "name": "a.txt", "disposition": "attachment"}
    ]


def test_a_file_over_the_limit_of_the_session_is_refused_before_it_travels(page: Page, world: World) -> None:
    sign_in(page)
    page.keyboard.press("c")
    big = {"name": "big.bin", "mimeType": "application/octet-stream", "buffer": b"x" * 2000}
    page.locator("input[type=file]:not([accept])").set_input_files(big)
    expect(page.get_by_role("region", name="알림")).to_contain_text("크기(1,000 B)를 넘었습니다")
    assert world.uploads == []


def test_an_ended_session_leads_to_signing_in_and_back(page: Page, world: World) -> None:
    sign_in(page)
    world.signed_in = False
    page.reload()
    expect(page.get_by_role("heading", name="로그인")).to_be_visible()


def test_the_production_build_holds_no_demo_and_no_source_map() -> None:
    files = list((build_webmail("webmail") / "assets").iterdir())
    assert [
        file.name for file in files if file.is_file() and (file.suffix == ".map" or b"hanbit-tech" in file.read_bytes())
    ] == []


def test_the_page_asks_for_styles_before_scripts() -> None:
    html = pathlib.Path(build_webmail("webmail") / "index.html").read_text()
    assert html.rindex("stylesheet") < html.index("<script")
