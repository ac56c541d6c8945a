"""Two SmartMails, Postfix, Exim and OpenSMTPD exchange mail over port 25 as on the internet, found through signed DNS."""

import itertools
import re
import subprocess

import dkim
import pytest
from tests.peers.exchange_world import LENIENT, NULL, STS, Exchange, open_exchange
from tests.peers.exchanger import GREY
from tests.peers.letters import Letter, letter
from tests.peers.mail_systems import Smart
from tests.peers.postfix import DOMAIN as POSTFIX
from tests.peers.served import until

pytestmark = pytest.mark.peer

SYSTEMS = ("hana", "duri", "postfix", "exim", "opensmtpd")
PAIRS = list(itertools.permutations(SYSTEMS, 2))
KINDS = {
    # Korean local parts between those that speak SMTPUTF8; OpenSMTPD does not.
    ("hana", "postfix"): "utf8", ("postfix", "hana"): "utf8", ("duri", "exim"): "utf8", ("exim", "duri"): "utf8",
    ("duri", "hana"): "utf8", ("hana", "duri"): "large", ("hana", "opensmtpd"): "large", ("opensmtpd", "hana"): "large",
    ("postfix", "duri"): "large", ("duri", "postfix"): "plain", ("exim", "hana"): "large", ("postfix", "exim"): "plain",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(dns_lab, tmp_path_factory):
    with open_exchange(dns_lab, tmp_path_factory.mktemp("exchange")) as world:
        yield world
        for name in ("hana", "duri"):
            assert '"level": "error"' not in world.smart(name).log()


@pytest.fixture(scope="module")
def sent(world: Exchange) -> dict[tuple[str, str], Letter]:
    """A letter for each ordered pair, all of them under way at once."""
    letters = {}
    for sender, receiver in PAIRS:
        one = letter(KINDS.get((sender, receiver), "korean"), world.systems[sender].box, world.systems[receiver].box)
        world.systems[sender].submit(one)
        letters[sender, receiver] = one
    return letters


@pytest.mark.parametrize(("sender", "receiver"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
def test_a_letter_arrives_as_it_was_written(world: Exchange, sent, sender: str, receiver: str):
    one = sent[sender, receiver]
    stored = world.wait(receiver, one.message_id)
    assert stored.endswith(one.octets)
    head = stored[: -len(one.octets)]
    # The last host wrote first how it came: over TLS.
    newest = head.partition(b"Received:")[2].partition(b"Received:")[0]
    assert re.search(rb"\bwith (?:utf8)?e?smtps\b", newest, re.I), head
    domain = world.systems[sender].domain
    if isinstance(world.systems[receiver], Smart):
        said = results(stored)
        assert re.search(r"\bspf=pass\b", said), said
        assert re.search(r"\bdkim=pass\b", said), said
        assert re.search(rf"\bdmarc=pass\b[^;]*header\.from={re.escape(domain)}", said), said
    else:
        # Another program proves what was signed.
        assert dkim.verify(stored[stored.index(b"DKIM-Signature:") :], dnsfunc=world.key_record)


def results(octets: bytes) -> str:
    """Return the topmost Authentication-Results on one line."""
    found = re.search(rb"^Authentication-Results:((?:.*\r\n)(?:[ \t].*\r\n)*)", octets, re.M)
    assert found is not None, octets[:2000]
    return re.sub(r"\s+", " ", found[1].decode())


@pytest.mark.parametrize("receiver", ["duri", "postfix", "exim", "opensmtpd"])
def test_hosts_are_proven_by_dane(world: Exchange, sent, receiver: str):
    hana, domain = world.smart("hana"), world.systems[receiver].domain
    until(lambda: hana.events("queue.delivered", domain), 120, f"delivery to {domain}")
    for event in hana.events("queue.delivered", domain):
        assert (event["verified"], event["tls"]) == ("dane", "TLSv1.3"), event


def test_others_prove_us_by_dane(world: Exchange, sent):
    """Postfix and Exim find our certificate in our zone."""
    for name in ("hana", "duri"):
        world.wait(name, sent["postfix", name].message_id)
        world.wait(name, sent["exim", name].message_id)
        log = world.systems["postfix"].log()
        assert f"Verified TLS connection established to mx.{name}.test" in log
        sent_on = re.findall(rf" => \S+@{name}\.test R=away .*", world.systems["exim"].log())
        assert sent_on
        assert all(" CV=dane " in line for line in sent_on), sent_on


def test_a_domain_without_tlsa_is_proven_by_its_policy(world: Exchange):
    """duri serves the MTA-STS policy of ondol.test itself, and hana obeys it."""
    hana = world.smart("hana")
    one = letter("korean", hana.box, f"box@{STS}")
    hana.submit(one)
    assert world.wait("duri", one.message_id).endswith(one.octets)
    until(lambda: hana.events("queue.delivered", STS))
    (event,) = hana.events("queue.delivered", STS)
    assert event["verified"] == "sts"


NOTIFIED = [
    ("hana", "postfix"),
    ("hana", "exim"),
    ("hana", "opensmtpd"),
    ("hana", "duri"),
    ("postfix", "hana"),
    ("exim", "duri"),
]


@pytest.mark.parametrize(("sender", "receiver"), NOTIFIED, ids=["-".join(pair) for pair in NOTIFIED])
def test_success_is_told_to_who_asked(world: Exchange, sender: str, receiver: str):
    one = letter("plain", world.systems[sender].box, world.systems[receiver].box)
    world.systems[sender].submit(one, "SUCCESS")
    world.wait(receiver, one.message_id)
    reports = []
    until(lambda: reports.extend(reports_on(world, sender, one)) or reports, 120, "the report")
    assert len(reports) == 1
    assert re.search(rb"^Action: delivered", reports[0], re.M | re.I), reports[0]
    assert re.search(rb"^Status: 2\.", reports[0], re.M | re.I)


def reports_on(world: Exchange, sender: str, one: Letter) -> list[bytes]:
    found = world.systems[sender].messages(one.message_id)
    return [octets for octets in found if b"message/delivery-status" in octets]


UNKNOWN = [("hana", "opensmtpd"), ("hana", "duri"), ("postfix", "hana"), ("exim", "hana"), ("opensmtpd", "duri")]


@pytest.mark.parametrize(("sender", "receiver"), UNKNOWN, ids=["-".join(pair) for pair in UNKNOWN])
def test_who_is_not_there_is_told(world: Exchange, sender: str, receiver: str):
    one = letter("plain", world.systems[sender].box, f"absent@{world.systems[receiver].domain}")
    world.systems[sender].submit(one)
    until(lambda: reports_on(world, sender, one), 120, "the report")
    (report,) = reports_on(world, sender, one)
    assert re.search(rb"^Action: failed", report, re.M | re.I), report
    assert f"absent@{world.systems[receiver].domain}".encode() in report
    assert not world.systems[receiver].messages(one.message_id)


def swaks(world: Exchange, sender: str, to: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Send as somebody who is at none of the five addresses."""
    command = ["swaks", "--server", f"{world.smart('hana').address}:25", "--local-interface", f"{world.net}.66"]
    command += ["--from", sender, "--to", to, "--ehlo", "mail.forger.test", "--timeout", "20", "-tls", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("domain", [POSTFIX, "duri.test", "exim.test"])
def test_a_forger_is_refused_where_the_domain_asks_for_it(world: Exchange, domain: str):
    for sender in (f"box@{domain}", "somebody@forger.test"):
        done = swaks(world, sender, world.smart("hana").box, "--h-From", f"box@{domain}", "--h-Subject", "forged")
        assert done.returncode != 0
        assert re.search(rf"<~\* 550 5\.7\.\d+ .*{re.escape(domain)}", done.stdout), done.stdout
    assert not world.smart("hana").messages("forged")


def test_a_forwarded_letter_is_believed_by_its_signature_alone(world: Exchange, sent, tmp_path):
    """From an address that SPF does not name: as Exim signed it, then with one word changed."""
    hana, signed = world.smart("hana"), world.wait("duri", sent["exim", "duri"].message_id)
    signed = signed[signed.index(b"DKIM-Signature:") :].replace(b"Message-ID: <", b"Message-ID: <again.")
    assert b"again." in signed
    # What changes the header breaks the signature as much as what changes the text: sent on as it was, it must hold.
    original = signed.replace(b"<again.", b"<")
    for octets, is_taken in (
        (original, True),
        (signed, False),
        (original.replace("편지".encode(), "전표".encode()), False),
    ):
        (tmp_path / "letter.eml").write_bytes(octets)
        done = swaks(world, "box@exim.test", hana.box, "--data", f"@{tmp_path / 'letter.eml'}")
        assert (done.returncode == 0) is is_taken, done.stdout
        assert is_taken or "<~* 550 5.7.1 exim.test does not allow this mail" in done.stdout
    said = results(world.wait("hana", sent["exim", "duri"].message_id))
    assert re.search(r"\bspf=fail\b", said)
    assert re.search(r"\bdkim=pass\b", said)
    assert re.search(r"\bdmarc=pass\b", said)


def test_a_forger_of_a_lenient_domain_is_marked(world: Exchange):
    hana = world.smart("hana")
    done = swaks(world, f"boss@{LENIENT}", hana.box, "--h-Subject", "lenient letter", "--add-header",
                 "Authentication-Results: mx.hana.test; dmarc=pass header.from=lenient.test")  # fmt: skip
    assert done.returncode == 0, done.stdout

    def is_found() -> list[bytes]:
        # What a filter makes of it is not asked here.
        mail = [one for box in ("INBOX", "Junk") for one in hana.inbox(hana.box, box)]
        return [one for one in mail if b"lenient letter" in one]

    until(is_found)
    (stored,) = is_found()
    said = results(stored)
    assert re.search(r"\bspf=fail\b", said)
    assert re.search(r"\bdmarc=fail\b", said)
    # What the forger wrote in our name is gone.
    assert b"dmarc=pass" not in stored


def test_a_domain_that_takes_no_mail_is_told_at_once(world: Exchange):
    """Null MX (RFC 7505)."""
    hana = world.smart("hana")
    one = letter("plain", hana.box, f"somebody@{NULL}")
    hana.submit(one)
    report = world.wait("hana", one.message_id)
    assert re.search(rb"^Action: failed", report, re.M)
    assert re.search(rb"^Status: 5\.1\.10", report, re.M)


def test_a_greylist_is_outlasted(world: Exchange):
    hana = world.smart("hana")
    one = letter("korean", hana.box, f"box@{GREY}")
    hana.submit(one)
    assert world.wait("postfix", one.message_id).endswith(one.octets)
    until(lambda: hana.events("queue.delivered", GREY))
    assert [event["code"] for event in hana.events("queue.deferred", GREY)][:1] == [450]
    assert not hana.events("queue.bounced", GREY)
