"""`./smartmail spam …`: teach, ask and explain from the command line."""

import asyncio
import json
import mailbox

import pytest
from tests.bench.made_mail import made

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.principal import Origin
from smartmail.service.flow.delivery.desk import Hello
from smartmail.service.flow.directory import NewPerson

KIM = "kim@a.example"


@pytest.fixture
def smartmail(tmp_path, monkeypatch, capsys):
    """Run a command in a data directory with one account; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str):
        code = main([*words, "--data", str(where)])
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization)
            await node.services.provisioning.person(NewPerson(KIM, "Kim"), "correct horse battery")

    asyncio.run(begin())
    for number, one in enumerate(made("ko", 60)):
        folder = tmp_path / ("spam" if one.spam else "good")
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.eml").write_bytes(one.octets)
    monkeypatch.chdir(tmp_path)
    run.where = where
    return run


def sample(*, spam: bool) -> bytes:
    return next(one.octets for one in made("ko", 10, seed=9) if one.spam == spam)


def test_teach_score_and_stats(smartmail, tmp_path):
    code, out, _err = smartmail("spam", "learn", "--spam", "spam", "--good", "good")
    first, *warning = out.splitlines()
    assert (code, first) == (0, "Learned 30 good messages and 30 of spam.")
    # Too few of any script: what was taught stays under the line of Junk by itself, and the command says so.
    assert "Below 200 good and 200 spam" in warning[1]
    assert "Latin letters 0 + 0, Korean 30 + 30, Japanese 0 + 0, Chinese 0 + 0" in warning[2]
    for spam in (True, False):
        (tmp_path / "one.eml").write_bytes(sample(spam=spam))
        code, out, _err = smartmail("spam", "score", "one.eml", "--json")
        judged = json.loads(out)
        assert (code, judged["silent"], judged["weight"] > 0) == (0, False, spam)
        assert judged["telling"]
    code, out, _err = smartmail("spam", "stats", "--json")
    told = json.loads(out)
    assert told["waiting"] == 0
    [taught] = told["organizations"]
    assert {"organization": "test", "good": 30, "bad": 30, "people": 0}.items() <= taught.items()
    assert (taught["good.hangul"], taught["bad.hangul"], taught["good.latin"]) == (30, 30, 0)


def test_an_mbox_and_one_person(smartmail, tmp_path):
    box = mailbox.mbox(tmp_path / "junk.mbox")
    for one in made("ko", 8, seed=3):
        box.add(one.octets)
    box.close()
    assert smartmail("spam", "learn", "--spam", "junk.mbox", "--account", KIM)[1].startswith(
        "Learned 0 good messages and 8"
    )
    code, out, _err = smartmail("spam", "score", "spam/0.eml", "--account", KIM)
    assert code == 0
    assert "Too little was taught" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("spam", "learn"), "--spam and --good"),
        (("spam", "learn", "--spam", "nowhere"), "nowhere"),
        (("spam", "score", "nowhere.eml"), "nowhere.eml"),
        (("spam", "score", "spam/0.eml", "--domain", "other.example"), "other.example"),
        (("spam", "explain", "nobody@a.example"), "nobody@a.example"),
    ],
)
def test_what_cannot_be_is_said(smartmail, words, said):
    code, _out, err = smartmail(*words)
    assert code == 1
    assert said in err


async def deliver(where, octets: bytes) -> None:
    async with open_node(load(str(where))) as node:
        hello = Hello("peer.test", Origin("mx", "192.0.2.1"), "mx", "ESMTP", "mx.test")
        incoming = node.services.delivery.incoming(hello, max_size=1 << 20)
        await incoming.mail("a@outside.test")
        await incoming.rcpt(KIM)
        await incoming.begin()
        await incoming.chunk(octets)
        await incoming.finish()


def test_a_verdict_is_explained_by_its_reasons(smartmail):
    smartmail("spam", "learn", "--spam", "spam", "--good", "good")
    asyncio.run(deliver(smartmail.where, sample(spam=True)))
    code, out, _err = smartmail("spam", "explain", KIM, "--json")
    [verdict] = json.loads(out)
    assert code == 0
    assert verdict["act"] == "junk"
    assert verdict["score"] == pytest.approx(sum(weight for _rule, weight, _facts in verdict["reasons"]), abs=0.02)
    assert "learned" in [rule for rule, _weight, _facts in verdict["reasons"]]
    out = smartmail("spam", "explain", KIM, "--language", "ko")[1]
    assert "배운 바로는" in out
    assert "spam, junk" in out
    assert smartmail("spam", "explain", KIM, "--id", "none@x.test")[0] == 1
