"""Each rule with a message that has it, and one that has not; nothing is known without a network."""

import asyncio
import time

import msgspec
import pytest
from tests.unit.formats_rules.made_files import encrypted, picture, zipped
from tests.unit.service_filtering.specimens import (
    Clock,
    Dns,
    Friends,
    Memory,
    account,
    attached,
    letter,
    line,
    specimen,
)

from smartmail.app.wiring.protection import compose_rules
from smartmail.domain.inspection import AuthResult, Reason
from smartmail.formats.file_signs import dissect
from smartmail.service.protection.filtering.acquaintances import Standing
from smartmail.service.protection.filtering.rules.inspector import RulesInspector
from smartmail.service.protection.filtering.rules.intents import IntentCheck
from smartmail.service.protection.filtering.rules.names import NameCheck
from smartmail.service.protection.filtering.rules.strangers import StrangerCheck
from smartmail.service.protection.filtering.rules.table import WEIGHTS
from smartmail.service.protection.filtering.settings import DnsList, ScanSettings

KNOWN = Standing(line(), line(), line())


class InProcess:
    """Opens files here: what is tested is what becomes of the signs."""

    async def signs_of(self, media_type, name, octets):
        return dissect(octets, media_type, name)


class Bench:
    """The rules over a memory of a few lines."""

    def __init__(self, dns: Dns | None = None, **settings) -> None:
        self.memory = Memory(people=[account(), account("hong@innotab.com", "홍길동", 2)])
        self.memory.settings["filter", "scan"] = msgspec.json.encode(ScanSettings(**settings)).decode()
        self.friends = Friends({"lee@partner.example": KNOWN})
        self.clock = Clock()
        ruling = compose_rules(self.memory, None, dns, self.clock, InProcess())
        rules = ruling.steps[0]
        for _name, check in rules._checks:
            if isinstance(check, NameCheck | StrangerCheck | IntentCheck):
                check._acquaintances = self.friends
        self.inspector: RulesInspector = rules

    async def judge(self, octets: bytes, *, results=(), aligned=False, **more):
        one = specimen(octets, **more)
        one.findings.authentication = [AuthResult(*pair) for pair in results]
        one.findings.aligned = aligned
        await self.inspector.examine(one)
        return one.findings

    async def rules(self, octets: bytes, **more) -> set[str]:
        return {one.rule for one in (await self.judge(octets, **more)).reasons}


FAILED = (("spf", "fail"), ("dkim", "none"), ("dmarc", "fail"))


async def test_a_business_letter_has_nothing_against_it():
    assert await Bench().rules(letter()) == set()
    proved = await Bench().judge(letter(), aligned=True, results=(("dmarc", "pass"),))
    assert [one.rule for one in proved.reasons] == ["proved"]
    assert proved.nature == "clean"


# Hosts and lists


@pytest.mark.parametrize(
    ("helo", "rule"),
    [("[192.0.43.8]", "helo-address"), ("192.0.43.8", "helo-address"), ("localhost", "helo-bare"),
     ("MX.innotab.com", "helo-ours"), ("mail.partner.example", None)],
)  # fmt: skip
async def test_helo(helo, rule):
    assert await Bench().rules(letter(), helo=helo) == ({rule} if rule else set())


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "fe80::1", "nonsense"])
async def test_hosts_of_private_networks_are_not_judged(address):
    assert await Bench(Dns()).rules(letter(), helo="printer", address=address) == set()


@pytest.mark.parametrize(
    ("names", "forward", "rule"),
    [([], [], "reverse-missing"), (["a.example"], [], "reverse-contradicts"),
     (["192-0-43-8.dyn.example"], ["192.0.43.8"], "reverse-generic"), (["mail.partner.example"], ["192.0.43.8"], None)],
)  # fmt: skip
async def test_reverse_names(names, forward, rule):
    dns = Dns({name: forward for name in names}, {"192.0.43.8": names})
    assert await Bench(dns).rules(letter()) == ({rule} if rule else set())


GOOD = {"2.0.0.127.bl.example": ["127.0.0.2"], "test.dbl.example": ["127.0.0.2"]}
LISTS = (
    DnsList("hosts", "address", "bl.example"), DnsList("names", "domain", "dbl.example"), DnsList("links", "link", "dbl.example"),
)  # fmt: skip


async def test_lists_are_asked_for_hosts_domains_and_links():
    listed = {
        "8.43.0.192.bl.example": ["127.0.0.4"],
        "partner.example.dbl.example": ["127.0.0.2"],
        "evil.example.dbl.example": ["127.0.0.2"],
    }
    bench = Bench(Dns({**GOOD, **listed, "m.example": ["192.0.43.8"]}, {"192.0.43.8": ["m.example"]}), lists=LISTS)
    findings = await bench.judge(letter("http://www.evil.example/x"))
    assert {one.rule: one.facts for one in findings.reasons} == {
        "list-address": ("hosts", "192.0.43.8"), "list-domain": ("names", "partner.example"), "list-link": ("links", "evil.example"),
    }  # fmt: skip


class Everything(dict):
    def get(self, name, default=None):
        return ["127.0.0.2"]


@pytest.mark.parametrize(
    "hosts", [Everything(), {"8.43.0.192.bl.example": ["127.0.0.4"]}], ids=["lists all", "no test entry"]
)
async def test_a_list_that_fails_its_test_entries_is_not_used(hosts):
    """RFC 5782 §5."""
    bench = Bench(Dns(hosts), lists=LISTS[:1])
    assert "list-address" not in await bench.rules(letter())


async def test_an_answer_that_tells_of_the_lists_own_trouble_is_none():
    bench = Bench(Dns({**GOOD, "8.43.0.192.bl.example": ["127.255.255.254"]}), lists=LISTS[:1])
    assert "list-address" not in await bench.rules(letter())


async def test_no_list_is_asked_unless_set():
    dns = Dns(pointers={"192.0.43.8": ["m.example"]})
    await Bench(dns).rules(letter("http://www.evil.example/x"))
    assert dns.asked == ["m.example"]


async def test_without_a_network_nothing_is_known():
    assert await Bench(Dns(down=True), lists=LISTS).rules(letter("http://www.evil.example/x")) == set()
    assert await Bench(None, lists=LISTS).rules(letter("http://www.evil.example/x")) == set()


# Authentication and header


async def test_results_of_authentication_as_reasons():
    named = letter("수요일 2시 회의 자료를 보내 드립니다. 확인 부탁드립니다.")
    assert await Bench().rules(named, results=FAILED) == {"spf-fail", "dmarc-fail"}
    assert await Bench().rules(named, results=(("spf", "softfail"), ("dkim", "fail"))) == {
        "spf-softfail",
        "dkim-fail",
    }
    assert await Bench().rules(named, results=(("spf", "none"), ("dkim", "none"))) == {"unproved"}
    assert await Bench().rules(named, results=(("spf", "temperror"), ("dkim", "none"))) == set()


async def test_what_a_trusted_relay_vouches_for_is_not_held_against_it():
    bench, one = Bench(), specimen(letter())
    one.findings.authentication = [AuthResult(*pair) for pair in FAILED]
    one.findings.reasons.append(Reason("arc-trusted", 0.0, ("list.example",)))
    await bench.inspector.examine(one)
    assert [reason.rule for reason in one.findings.reasons] == ["arc-trusted"]


@pytest.mark.parametrize(
    ("octets", "rule"),
    [
        (letter(drop=("Date",)), "date-missing"),
        (letter(drop=("Date",), extra="Date: Mon, 28 Sep 2026 14:13:20 +0000\r\n"), "date-future"),
        (letter(drop=("Date",), extra="Date: Mon, 20 Apr 2026 14:13:20 +0000\r\n"), "date-old"),
        (letter(drop=("Message-ID",)), "message-id-missing"),
        (letter(drop=("Message-ID",), extra="Message-ID: <1@innotab.com>\r\n"), "message-id-ours"),
        (letter(sender="a@x.example, b@x.example"), "from-many"),
        (letter(sender="x <=?utf-8?Q?boss=40innotab.com?=@partner.example>"), "from-encoded"),
        (letter(drop=("To",)), "recipients-missing"),
        (letter(subject="무\u200b료 상\u200b품"), "subject-hidden"),
    ],
)
async def test_headers(octets, rule):
    assert rule in await Bench().rules(octets)
    assert rule not in await Bench().rules(letter())


async def test_no_sender_at_all():
    assert "from-missing" in await Bench().rules(letter(drop=("From",)))


# Bodies and links

HTML = "text/html; charset=utf-8"
TEXT = (
    "이번 달 회의 일정과 자료를 보내 드리니 확인하시고 의견을 주시면 감사하겠습니다. 다음 주 화요일까지 부탁드립니다. 늘 감사합니다. "
    * 2
)


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        (f"<p>{TEXT}</p><div style='display:none'>{'숨긴말' * 100}</div>", "text-hidden"),
        (f"<p>{TEXT}</p><div style='font-size:1px'>{'작은말' * 60}</div>", "text-tiny"),
        (f"<p>{TEXT}</p><font color=#ffffff>{'흰글씨' * 30}</font>", "text-colour"),
        ("<p>" + "무\u200b료\u200b상\u200b품" * 30 + "</p>", "text-invisible"),
        (f"<p>{TEXT}</p><form action=http://x.example><input type=password></form>", "page-form"),
        (f"<p>{TEXT}</p><script>alert(1)</script>", "page-script"),
        (f"<meta http-equiv=refresh content='0;url=http://x.example'><p>{TEXT}</p>", "page-refresh"),
        ("<a href=http://x.example><img src=cid:1></a>", "picture-only"),
        (f"<p>{TEXT}</p><a href='http://evil.example/'>https://www.kbstar.com/login</a>", "link-contradicts"),
        (f"<p>{TEXT}</p><a href='http://203.0.113.7/x'>보기</a>", "link-address"),
        (f"<p>{TEXT}</p><a href='https://kbstar.com@evil.example/'>보기</a>", "link-user"),
        (f"<p>{TEXT}</p><a href='http://evil.example:4433/'>보기</a>", "link-port"),
        (f"<p>{TEXT}</p><a href='https://bit.ly/3x'>보기</a>", "link-shortener"),
        (f"<p>{TEXT}</p><a href='http://nаver.com/'>보기</a>", "link-scripts"),
        (f"<p>{TEXT}</p><a href='http://evil.example/a.scr'>보기</a>", "link-program"),
        (f"<p>{TEXT}</p><a href='data:text/html;base64,PGI+'>보기</a>", "link-data"),
        (f"<p>{TEXT}</p><a href='http://lnnotab.com/'>보기</a>", "link-lookalike"),
    ],
)
async def test_pages(html, rule):
    assert await Bench().rules(letter(html, kind=HTML)) == {rule}


async def test_an_honest_page_has_none_of_it():
    html = f"<p style='display:none'>미리보기 글</p><p>{TEXT}</p><a href='https://www.partner.example/a'>partner.example</a><img src=x>"
    assert await Bench().rules(letter(html, kind=HTML)) == set()


async def test_a_code_in_a_picture_leads_somewhere():
    findings = await Bench().judge(attached("qr.png", picture("https://evil.example/x"), "image/png"))
    assert [one.facts for one in findings.reasons if one.rule == "link-qr"] == [("https://evil.example/x",)]
    assert "link-qr" not in await Bench().rules(attached("qr.png", picture("WIFI:S:guest;;"), "image/png"))


# Advertisements


@pytest.mark.parametrize(
    ("subject", "rule"),
    [("(광고) 세일", "advertisement"), ("=?EUC-KR?B?KLGksO0pILy8wM8=?=", "advertisement"), ("( 광 고 ) 세일", "advertisement-variant"),
     ("[광고] 세일", "advertisement-variant"), ("광고비 정산 요청", None)],
)  # fmt: skip
async def test_advertisements_are_bulk(subject, rule):
    findings = await Bench().judge(letter(subject=subject))
    assert {one.rule for one in findings.reasons} == ({rule} if rule else set())
    assert findings.nature == ("bulk" if rule else "clean")


# Files


@pytest.mark.parametrize(
    ("name", "octets", "rules"),
    [
        ("견적서.pdf.exe", b"MZ\x90\0", {"file-program", "file-double"}),
        ("견적서.pdf", b"MZ\x90\0", {"file-program", "file-disguised"}),
        ("a.zip", zipped(x__js=b"1"), {"file-script", "file-packed-program"}),
        ("a.zip", encrypted("비밀.txt"), {"file-encrypted"}),
        ("a.zip", zipped(readme__txt=b"hello"), set()),
        ("보고서.pdf", b"%PDF-1.7 plain", {"file-opaque"}),
    ],
)
async def test_files(name, octets, rules):
    assert await Bench().rules(attached(name, octets)) == rules


async def test_a_large_message_is_read_from_where_it_lies():
    octets = attached("a.zip", zipped(x__js=b"1"), body="가" * 20_000)
    assert await Bench().rules(octets, held=1_000) == {"file-script", "file-packed-program"}


# 사칭


@pytest.mark.parametrize("name", ["홍길동", "홍 길 동", "홍길동 대표", "Gildong Hong", '"홍길동 대표이사"'])
async def test_a_colleagues_name_with_an_address_from_outside(name):
    assert "name-of-colleague" in await Bench().rules(letter(sender=f"{name} <ceo@freemail.example>"))


async def test_somebody_whom_we_wrote_to_may_have_a_colleagues_name():
    bench = Bench()
    bench.friends.standings["hong@home.example"] = Standing(line(sent=1), line(), line())
    assert await bench.rules(letter(sender="홍길동 <hong@home.example>")) == set()


@pytest.mark.parametrize(
    "domain",
    ["lnnotab.com", "innotaЬ.com", "xn--innota-utf.com", "innotab.co", "inno-tab.com", "innotаb.com", "innotab-kr.com"],
)
async def test_domains_that_look_like_ours_are_red(domain):
    bench = Bench()
    bench.friends.standings[f"a@{domain}"] = KNOWN
    findings = await bench.judge(letter(sender=f"Kim <a@{domain}>"))
    assert "domain-lookalike" in {one.rule for one in findings.reasons}
    assert findings.nature == "phishing"


@pytest.mark.parametrize("domain", ["innovation.com", "xn--cg4bki.com", "partner.example", "naver.com"])
async def test_domains_that_do_not(domain):
    assert not {"domain-lookalike", "domain-brand"} & await Bench(brands=True).rules(letter(sender=f"a@{domain}"))


async def test_partners_and_well_known_names_where_they_are_watched():
    assert "domain-lookalike" in await Bench(partners=("hansolsteel.co.kr",)).rules(
        letter(sender="a@hansolstee1.co.kr")
    )
    assert "domain-lookalike" not in await Bench(partners=("hansolsteel.co.kr",)).rules(
        letter(sender="a@hansolsteel.co.kr")
    )
    for domain in ("xn--nver-53d.com", "rnicrosoft.com"):
        assert "domain-brand" in await Bench(brands=True).rules(letter(sender=f"a@{domain}"))
        assert "domain-brand" not in await Bench().rules(letter(sender=f"a@{domain}"))


async def test_our_own_domain_from_outside():
    sender = "홍길동 <hong@innotab.com>"
    assert "own-domain" in await Bench().rules(letter(sender=sender), results=FAILED)
    proved = await Bench().rules(letter(sender=sender), aligned=True, results=(("dkim", "pass"),))
    assert proved == {"proved"}
    assert "own-domain" not in await Bench().rules(letter(sender=sender)), "nothing is known without a name service"


async def test_names_and_replies_that_point_elsewhere():
    sender = '"ceo@innotab.com" <a@freemail.example>'
    assert "name-holds-address" in await Bench().rules(letter(sender=sender))
    assert "name-holds-address" not in await Bench().rules(letter(sender='"lee@partner.example" <lee@partner.example>'))
    assert await Bench().rules(letter(extra="Reply-To: x@freemail.example\r\n")) == {"reply-to-differs"}
    assert await Bench().rules(letter(extra="Reply-To: x@mail.partner.example\r\n")) == set()
    assert await Bench().rules(letter(extra="Reply-To: x@lists.example\r\nList-Id: <a.lists.example>\r\n")) == set()


async def test_first_letters():
    bench = Bench()
    assert await bench.rules(letter(sender="new@new.example")) == {"first-to-person", "first-to-company"}
    bench.friends.standings["new@new.example"] = Standing(None, line(), line())
    assert await bench.rules(letter(sender="new@new.example")) == {"first-to-person"}
    bench.friends.standings["new@new.example"] = Standing(line(since_days=0.01), line(), line())
    assert await bench.rules(letter(sender="new@new.example")) == {"first-to-person"}, "an attack's second mail"
    bench.friends.standings["new@new.example"] = Standing(line(since_days=0.01, sent=1), line(), line())
    assert await bench.rules(letter(sender="new@new.example")) == set()


async def test_a_domain_that_used_to_be_proved():
    bench = Bench()
    bench.friends.standings["lee@partner.example"] = Standing(line(), line(), line(proved=True))
    assert "proof-lost" in await bench.rules(letter(), results=FAILED)
    assert "proof-lost" not in await bench.rules(letter(), aligned=True, results=(("dmarc", "pass"),))


async def test_a_stranger_in_a_conversation():
    answer = letter(sender="lee@partner-mail.example", extra="In-Reply-To: <ours@innotab.com>\r\n")
    bench = Bench()
    assert "chain-hijack" not in await bench.rules(answer)
    bench.friends.conversations.add("ours@innotab.com")
    assert "chain-hijack" in await bench.rules(answer)
    assert "chain-hijack" not in await bench.rules(letter(extra="In-Reply-To: <ours@innotab.com>\r\n"))


MONEY = [
    "결제 계좌가 변경되어 안내드립니다. 아래 계좌로 송금 부탁드립니다.",
    "긴급한 건이니 오늘 중으로 송 금 해 주세요. 비공개로 진행합니다.",
    "기프트카드를 사서 번호를 보내 주세요",
    "Please note our new bank account for all payments.",
    "Urgent and confidential: please process a wire transfer today.",
    "振込先の変更についてご連絡いたします。",
    "收款账户变更通知，请汇款至新账户。",
    "收款帳戶變更通知，請匯款至新帳戶。",
]


@pytest.mark.parametrize("body", MONEY)
async def test_money_wording_with_any_sign_of_impersonation_is_red(body):
    friend = await Bench().judge(letter(body))
    assert {one.rule for one in friend.reasons} == {"account-change"}, "a friend may say it"
    for sender, extra in (
        ("홍길동 대표 <ceo@freemail.example>", ""), ("kim@lnnotab.com", ""),
        ("Lee <lee@partner.example>", "Reply-To: lee@freemail.example\r\n"),
        ('"hong@innotab.com" <lee@partner.example>', ""),
    ):  # fmt: skip
        findings = await Bench().judge(letter(body, sender=sender, extra=extra))
        assert "bec" in {one.rule for one in findings.reasons}, (sender, body)
        assert findings.nature == "phishing"
    stranger = await Bench().judge(letter(body, sender="new@new.example"))
    assert "bec" not in {one.rule for one in stranger.reasons}, "whoever writes first is no fraud by that"


@pytest.mark.parametrize(
    "body", ["송금 내역을 첨부합니다.", "긴급 점검 안내입니다.", "Your payment was received.", "회의 일정 변경"]
)
async def test_ordinary_words_about_money_are_none(body):
    assert "account-change" not in await Bench().rules(letter(body, sender="new@new.example"))


# Settings, failures, bounds


async def test_rules_are_weighed_and_switched_off():
    octets = letter(extra="Reply-To: x@freemail.example\r\n", drop=("Date",))
    findings = await Bench(weights={"reply-to-differs": None, "date-missing": 4.5}).judge(octets)
    assert [(one.rule, one.weight) for one in findings.reasons] == [("date-missing", 4.5)]


async def test_a_check_that_fails_costs_the_others_nothing():
    bench = Bench()

    async def fails(evidence):
        raise RuntimeError("a fault of ours")

    bench.inspector._checks = (("broken", fails), *bench.inspector._checks)
    assert await bench.rules(letter(drop=("Date",))) == {"date-missing"}


async def test_a_name_service_that_is_silent_costs_the_other_checks_nothing(monkeypatch):
    from smartmail.service.kernel.inspection import service as chain
    from smartmail.service.protection.filtering.rules import host, inspector, lists

    assert inspector.SECONDS < chain.SECONDS
    assert max(host.SECONDS, lists.SECONDS) < inspector.CHECK_SECONDS
    monkeypatch.setattr(host, "SECONDS", 0.05)
    monkeypatch.setattr(lists, "SECONDS", 0.05)

    class Silent:
        async def names(self, address):
            await asyncio.Event().wait()

        addresses = names

    findings = await Bench(Silent(), lists=LISTS).rules(letter(drop=("Date",)))
    assert findings == {"date-missing"}


async def test_a_check_that_stalls_is_left_out(monkeypatch):
    from smartmail.service.protection.filtering.rules import inspector

    monkeypatch.setattr(inspector, "CHECK_SECONDS", 0.05)
    bench = Bench()

    async def stalls(evidence):
        await asyncio.Event().wait()

    bench.inspector._checks = (("stalls", stalls), *bench.inspector._checks)
    assert await bench.rules(letter(drop=("Date",))) == {"date-missing"}


async def test_children_that_do_not_come_up_are_told():
    bench = Bench()

    class Away:
        async def signs_of(self, media_type, name, octets):
            from smartmail.domain.errors import Unavailable

            raise Unavailable

    next(check for name, check in bench.inspector._checks if name == "files")._dissector = Away()
    assert await bench.rules(attached("a.zip", zipped(x__txt=b"1"))) == {"file-unbounded"}


@pytest.mark.parametrize(
    "octets",
    [
        letter("http://" * 30_000),
        letter("<div>" * 40_000, kind=HTML),
        letter("송금 " * 60_000),
        letter(sender='"' + "홍" * 50_000 + '" <a@b.example>'),
        letter(subject="(광" + "." * 50_000),
        letter("a@" * 100_000),
        letter(extra="".join(f"Reply-To: a{n}@x{n}.example\r\n" for n in range(1_000))),
        letter("<a href='http://a.example' style='color:" + "(" * 100_000 + "'>x</a>", kind=HTML),
    ],
    ids=range(8),
)
async def test_hostile_letters_cost_little(octets):
    begun = time.process_time()
    await Bench().rules(octets)
    assert time.process_time() - begun < 1.5


async def test_every_rule_of_the_table_is_told_in_words():
    from smartmail.app import catalogues
    from smartmail.base.i18n import LANGUAGES
    from smartmail.service.kernel.inspection.wording import reason_text

    catalogues.load()
    for rule in WEIGHTS:
        for language in LANGUAGES:
            text = reason_text(language, Reason(rule, 1.0, ("fact-one", "fact-two", "fact-three")))
            assert text, (rule, language)
            assert "{" not in text, (rule, language)
            assert text != f"{rule} fact-one fact-two fact-three", (rule, language)
