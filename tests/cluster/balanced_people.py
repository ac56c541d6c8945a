"""People before the balancers: what they send, read and hear through the address that they use."""

import contextlib
import http.client
import imaplib
import itertools
import json
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.cluster.balanced import SERVICE
from tests.lab.switch import Host
from tests.peers.served import PASSWORD, until

from smartmail.edge.httpd.security import COOKIE

NAME = "mail.example.co.kr"
PERSON, SENDER = "u1@bench.test", "u2@bench.test"
PATIENCE = 60.0
_numbers = itertools.count(1)
_TLS = ssl.create_default_context()
_TLS.check_hostname, _TLS.verify_mode = False, ssl.CERT_NONE


def mail_from_outside(host: Host) -> str:
    """Send a letter as a stranger's mail server; return its subject."""
    subject = f"letter-{next(_numbers)}"
    with host.inside(partial(smtplib.SMTP, SERVICE, 25, "client.example", timeout=PATIENCE)) as line:
        line.sendmail("x@out.example", [PERSON], f"Subject: {subject}\r\nFrom: x@out.example\r\n\r\nbody\r\n")
    return subject


def submit(host: Host, port: int) -> str:
    """Send a letter as a colleague's mail program; return its subject."""
    subject = f"letter-{next(_numbers)}"
    kind = partial(smtplib.SMTP_SSL, context=_TLS) if port == 465 else smtplib.SMTP
    with host.inside(partial(kind, SERVICE, port, "client.example", timeout=PATIENCE)) as line:
        if port == 587:
            line.starttls(context=_TLS)
        line.login(SENDER, PASSWORD)
        line.sendmail(SENDER, [PERSON], f"Subject: {subject}\r\nFrom: {SENDER}\r\nTo: {PERSON}\r\n\r\nbody\r\n")
    return subject


@contextlib.contextmanager
def reading(host: Host) -> Iterator[imaplib.IMAP4]:
    line = host.inside(partial(imaplib.IMAP4_SSL, SERVICE, 993, ssl_context=_TLS, timeout=PATIENCE))
    try:
        line.login(PERSON, PASSWORD)
        line.select("INBOX")
        yield line
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            line.logout()


def received(host: Host, subject: str) -> str:
    """Return the Received fields of a letter once it is there."""

    def look() -> str:
        with reading(host) as line:
            [found] = line.search(None, "SUBJECT", f'"{subject}"')[1]
            if not found:
                return ""
            return line.fetch(found.decode(), "(BODY.PEEK[HEADER.FIELDS (RECEIVED)])")[1][0][1].decode()

    said: list[str] = []
    until(lambda: said.append(look()) or said[-1], PATIENCE, subject)  # type: ignore[func-returns-value]
    return said[-1]


class Browser:
    """Somebody in the webmail."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.cookie = ""
        said = self.ask("POST", "/auth/login", {"address": PERSON, "password": PASSWORD})
        assert said.status == 204, said.read()
        [self.cookie] = re.findall(rf"{COOKIE}=[^;]+", "\n".join(said.headers.get_all("set-cookie", [])))

    def ask(self, method: str, path: str, body: object = None) -> http.client.HTTPResponse:
        line = http.client.HTTPSConnection(NAME, timeout=PATIENCE, context=_TLS)
        line.sock = self.host.inside(self._connect)
        fields = {"X-SmartMail": "1", "Content-Type": "application/json", "Cookie": self.cookie}
        line.request(method, path, None if body is None else json.dumps(body), fields)
        return line.getresponse()

    @staticmethod
    def _connect() -> ssl.SSLSocket:
        return _TLS.wrap_socket(socket.create_connection((SERVICE, 443), PATIENCE), server_hostname=NAME)

    def session(self) -> dict[str, Any]:
        said = self.ask("GET", "/.well-known/jmap")
        if said.status in {301, 302, 307, 308}:
            said = self.ask("GET", said.headers["location"])
        assert said.status == 200, said.status
        return json.load(said)

    def state(self) -> str:
        """Return the state of the person's mail (RFC 8620 §5.1), as streams of changes tell it."""
        told = self.session()
        account = told["primaryAccounts"]["urn:ietf:params:jmap:mail"]
        asked = {
            "using": ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"],
            "methodCalls": [["Email/get", {"accountId": account, "ids": []}, "0"]],
        }
        said = self.ask("POST", re.sub(r"^https://[^/]+", "", str(told["apiUrl"])), asked)
        assert said.status == 200, said.status
        [(_, found, _)] = json.load(said)["methodResponses"]
        return found["state"]

    def stream_path(self) -> str:
        """Return where changes are told (RFC 8620 §7.3)."""
        path = re.sub(r"^https://[^/]+", "", str(self.session()["eventSourceUrl"]))
        for name, value in (("types", "*"), ("closeafter", "no"), ("ping", "0")):
            path = path.replace(f"{{{name}}}", value)
        return path

    def listen(self, path: str) -> "Push":
        """Open a stream of changes."""
        stream = self.ask("GET", path)
        assert stream.status == 200, stream.status
        return Push(stream)


class Push:
    """A stream of changes."""

    def __init__(self, stream: http.client.HTTPResponse) -> None:
        self._stream = stream

    def hears(self, state: str) -> bool:
        """Wait until the person's mail is told to have a state; False where the stream ends before. Changes of before may come first."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            while line := self._stream.readline():
                if line.startswith(b"data:") and f'"{state}"'.encode() in line:
                    return True
        return False


def plain(host: Host) -> int:
    """Return the status of the plain port."""
    line = host.inside(_plain_connection)
    line.request("GET", "/")
    return line.getresponse().status


def _plain_connection() -> http.client.HTTPConnection:
    line = http.client.HTTPConnection(SERVICE, 80, timeout=PATIENCE)
    line.connect()
    return line
