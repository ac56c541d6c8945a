"""Answers of real mail systems, explained."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.house.tree import SOURCE

from smartmail.base.i18n import LANGUAGES
from smartmail.formats.reply_causes import CAUSES, explain

# In the words of Postfix, Exim, Exchange Online, Gmail, Naver, Daum, Yahoo, qmail and our own.
REPLIES = [
    (450, "4.2.0", "<kim@b.test>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help", "greylisted"),
    (451, "4.7.1", "Greylisting in action, please come back later", "greylisted"),
    (451, "4.7.1", "Please try again in 300 seconds", "greylisted"),
    (451, "4.3.0", "Temporary lookup failure", "busy"),
    (550, "5.7.1", "Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "blocked_address"),
    (550, "5.7.606", "Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit", "blocked_address"),
    (554, "", "5.7.1 KISA-RBL blocked: 192.0.2.1", "blocked_address"),
    (421, "4.7.0", "Our system has detected an unusual rate of unsolicited mail originating from your IP address", "rate"),
    (450, "4.2.1", "The user you are trying to contact is receiving mail at a rate that", "rate"),
    (421, "4.3.2", "Too many connections from your host", "too_many_connections"),
    (452, "4.5.3", "Too many recipients", "too_many_recipients"),
    (552, "", "Too many recipients", "too_many_recipients"),
    (550, "5.7.26", "This mail is unauthenticated, which poses a security risk. The sender must authenticate with SPF or DKIM", "authentication"),
    (550, "5.7.1", "Unauthenticated email from a.example is not accepted due to domain's DMARC policy", "authentication"),
    (550, "5.7.25", "The IP address sending this message does not have a PTR record setup", "no_reverse"),
    (450, "4.7.1", "Client host rejected: cannot find your reverse hostname, [192.0.2.1]", "no_reverse"),
    (554, "5.7.1", "Message rejected as spam by content filter", "spam"),
    (550, "", "This message contains a virus (Eicar-Signature)", "virus"),
    (552, "5.7.0", "This message was blocked because its content presents a potential security issue", "policy"),
    (452, "4.2.2", "The email account that you tried to reach is over quota", "mailbox_full"),
    (552, "5.2.2", "Mailbox full", "mailbox_full"),
    (550, "5.2.1", "The email account that you tried to reach is disabled", "mailbox_closed"),
    (550, "5.1.1", "<nobody@b.test>: Recipient address rejected: User unknown in virtual mailbox table", "unknown_recipient"),
    (550, "5.1.1", "No such user here", "unknown_recipient"),
    (553, "", "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "unknown_recipient"),
    (550, "5.1.2", "Host or domain name not found", "unknown_domain"),
    (554, "5.7.1", "<kim@b.test>: Relay access denied", "relay_refused"),
    (552, "5.3.4", "Message size exceeds fixed limit", "too_large"),
    (530, "5.7.0", "Must issue a STARTTLS command first", "tls_needed"),
    (554, "5.4.6", "Too many hops", "loop"),
    (553, "5.6.7", "Peer does not offer SMTPUTF8", "international"),
    (556, "5.1.10", "the domain takes no mail (null MX, RFC 7505)", "no_mail"),
    (0, "4.4.3", "DNS gave no answer: timeout", "dns"),
    (0, "4.4.1", "connect to mx.b.test [192.0.2.1]:25: TimeoutError", "unreachable"),
    (0, "4.4.1", "mx.b.test: greeting refused us: 554 5.7.1 blocked using bl.spamcop.net", "blocked_address"),
    (0, "4.4.1", "mx.b.test: peer closed the dialog: 421 4.3.2 going down", "busy"),
    (0, "4.4.2", "Connection lost", "lost"),
    (0, "4.5.0", "Peer broke the protocol", "protocol"),
    (0, "4.4.1", "TLS with mx.b.test: certificate-expired", "tls_failed"),
    (550, "5.7.1", "the domain's best mail exchanger is this server, which takes no mail for it", "own_exchanger"),
    (550, "5.7.0", "An administrator removed the message from the queue", "cancelled"),
    (550, "5.0.0", "휴면 계정입니다", "mailbox_closed"),
    (550, "", "존재하지 않는 사용자입니다", "unknown_recipient"),
    (450, "", "later", "temporary"),
    (550, "", "no", "refused"),
    (502, "5.5.1", "what", "protocol"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "enhanced", "text", "cause"), REPLIES, ids=lambda value: str(value)[:40])
def test_well_known_replies(code, enhanced, text, cause):
    assert explain(code, enhanced, text) == cause


def test_every_cause_has_a_sentence_in_every_language():
    for language in LANGUAGES:
        known = json.loads((SOURCE / "app" / "catalogues" / f"{language}.json").read_text())
        assert {f"reply.{cause}" for cause in CAUSES} == {key for key in known if key.startswith("reply.")}


def test_a_permanent_refusal_is_never_called_passing():
    assert explain(550, "5.7.1", "greylisted for ever") != "greylisted"


@given(st.integers(0, 599), st.text(max_size=12), st.text(max_size=3000))
def test_anything_is_explained(code, enhanced, text):
    assert explain(code, enhanced, text) in CAUSES


def test_a_hostile_reply_costs_little():
    import time

    for text in ("recipient " * 100_000, "message " * 100_000, ": 550 " * 100_000, "sender" + " " * 100_000):
        began = time.process_time()
        explain(0, "4.0.0", text)
        assert time.process_time() - began < 0.5
