"""What the pages of the admin web show in pictures: rules, lists, mail that waits. Made by the commands of the chapters."""

from __future__ import annotations

import base64
import json
import os
import smtplib
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.guide.cast import KOREAN, PASSWORD, STRANGER, from_outside
from tests.house.clock import day
from tests.peers.served import ROOT

from smartmail.app.demo.people import ORGANIZATION

if TYPE_CHECKING:
    from tests.e2e.company import Company

ME, JIAN = KOREAN.me.login, KOREAN.named(1).login
SLOW = "orders@slow.example"
NAMES = {"slow.example": {"MX": ["10 mx.slow.example"]}, "mx.slow.example": {"A": ["127.0.0.9"]}}
"""A company whose mail server does not answer."""
_DOMAIN = "domain:hanbit.example"
_TRADING = "hanbit-trading.example"
_COMMANDS = (
    ("alias", "put", "sales@hanbit.example", ME, JIAN),
    ("alias", "put", "press@hanbit.example", ME),
    ("list", "create", "all@hanbit.example", "--owners", ME, "--name", "All staff", "--post", "moderators"),
    ("list", "change", "all@hanbit.example", "--moderators", ME, "--notice"),
    ("list", "add", "all@hanbit.example", ME),
    ("list", "add", "all@hanbit.example", JIAN),
    ("relay", "add", ME, "--purpose", "ERP", "--networks", "10.1.2.3", "--senders", ME, "--hourly", "100",
     "--ends-at", day(365)),
    ("access", "new", "deny", "--mode", "outside", "--countries", "KR", "JP", "--channels", "imap", "pop3", "smtp", "--scope", _DOMAIN),
    ("access", "new", "second_factor", "--mode", "outside", "--countries", "KR", "--scope", _DOMAIN),
    ("policy", "stage", "door.pop3=off", "session.idle-minutes=20", "--reason", "Audit finding 12", "--scope", _DOMAIN),
    ("group", "add", "Sales"),
    ("group", "join", "Sales", JIAN),
    ("sender", "block", "spam.example", "--scope", f"organization:{ORGANIZATION}"),
    ("sender", "allow", "daehan.example", "--scope", f"organization:{ORGANIZATION}"),
    ("ban", "add", "203.0.113.0/24", "--until", "7d", "--note", "Password guessing"),
    ("partner", "tls", "bank.example"),
    ("partner", "exception", "old.example", "--until", day(120)),
    ("webhook", "add", "https://events.hanbit.example/smartmail", "--types", "account", "--label", "ERP"),
    ("role", "grant", ME, "auditor"),
    ("policy", "set", "spam.quarantine-score", "5", "--scope", f"domain:{_TRADING}"),
    ("policy", "set", "spam.reject-score", "60", "--scope", f"domain:{_TRADING}"),
)  # fmt: skip

# One process for all: what takes time is the start.
_RUN = """import json, sys
from smartmail.app.cli import main
for words in json.loads(sys.argv[1]):
    print(*words[:-2], flush=True)
    if main(words):
        sys.exit(1)
"""


def furnish(company: Company) -> None:
    """Give the pages something to show; the people of the Korean cast are there."""
    data = ["--data", str(company.node.directory)]
    program = [sys.executable, "-c", _RUN, json.dumps([[*words, *data] for words in _COMMANDS])]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    made = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    bring_mail(company)


def bring_mail(company: Company) -> None:
    """Mail that is held, and mail to a server that does not answer."""
    name, subject, text = KOREAN.lure
    html = f'<p>{text}</p><p><a href="https://hanbit-hr.example/login">https://mail.hanbit.example/pay</a></p>'
    company.deliver(
        f"tanaka@{_TRADING}", from_outside(KOREAN, subject, text, sender=(name, STRANGER), html=html), STRANGER
    )
    trust = ssl.create_default_context(cafile=str(company.node.directory / "tls" / "ca.pem"))
    with smtplib.SMTP_SSL("localhost", company.node.ports["submissions"], context=trust) as session:
        secret = base64.b64encode(f"\0{ME}\0{PASSWORD}".encode()).decode()
        session.ehlo()
        assert session.docmd("AUTH", f"PLAIN {secret}")[0] == 235
        for subject in ("Order 2026-118", "Order 2026-121", "Price list"):
            session.sendmail(ME, [SLOW], from_outside(KOREAN, subject, "…", sender=(KOREAN.me.name, ME)))
