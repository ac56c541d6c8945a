"""A model is heard in a script as far as it knows it: lessons in one language leave the others alone."""

import base64
import functools
import random
from array import array

import pytest
from tests.bench.made_mail import made

from smartmail.formats.spam import model
from smartmail.formats.spam.counts import ENOUGH, PART, SCRIPTS, Counts
from smartmail.formats.spam.judging import JUNK_Z, SHAPE_MOST, Judges, z_of
from smartmail.formats.spam.model import Own, Weights
from smartmail.formats.spam.scripts import read
from smartmail.service.protection.filtering.learning import message_tokens

WORK = """the meeting report budget schedule review project team draft please attached notes agenda thanks quarter
customer release server patch list comments question answer build version test friday monday office invoice""".split()
TRASH = """free winner prize click offer loan casino bonus guaranteed cash cheap pills limited credit approved urgent
income million lottery investment discount order now unsubscribe deal exclusive adult singles rates refinance""".split()
CHINESE = """各位同事，请于{}前提交本月的工作总结，谢谢配合。|附件是{}号合同的修改稿，请法务部审阅后回复。|会议改到下午三点，地点在二楼会议室。
您订购的商品已经发货，单号{}，预计三天内送达。|本月工资条已发送，请登录内部系统查看。|关于第{}批货物的报价，请参考附表并确认交期。
上周讨论的问题已经解决，测试结果见附件。|公司定于{}日进行消防演习，请大家准时参加。|发票已开具，金额{}元，请查收。""".replace(
    "\n", "|"
).split("|")


def mail(text: str, *, packed: bool, number: int = 0) -> bytes:
    """Return a message: plain and in 7 bits, as English office mail is, or HTML in base64, as its spam is."""
    head = f"From: a{number}@outside.test\nTo: kim@a.test\nSubject: {text[:18].encode('ascii', 'ignore').decode()}\n"
    if not packed:
        return f"{head}Content-Type: text/plain; charset=us-ascii\n\n{text}\n".encode()
    body = base64.encodebytes(f"<html><body><p>{text}</p></body></html>".encode()).decode()
    kind = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64"
    return f"{head}MIME-Version: 1.0\n{kind}\n\n{body}".encode()


def english(count: int, chance: random.Random):
    for number in range(count):
        spam = number % 2 == 0
        words = TRASH if spam else WORK
        text = " ".join(chance.sample(words, 12))
        yield read(message_tokens(mail(text, packed=spam, number=number))), spam


@functools.cache
def _english_only() -> bytes:
    company = Weights()
    lessons = list(english(600, random.Random(16)))
    numbers = [(one.numbers, spam) for one, spam in lessons]
    list(model.train(company, numbers, scripts=[one.script for one, _spam in lessons]))
    return company.pack()


def english_only() -> Weights:
    return Weights.unpack(_english_only())


def business(language: str):
    if language == "zh":
        return [read(message_tokens(mail(one.format(7), packed=True))) for one in CHINESE]
    return [read(message_tokens(one.octets)) for one in made(language, 120) if not one.spam]


@pytest.mark.parametrize("language", ["ko", "ja", "zh"])
def test_lessons_in_english_put_no_business_mail_of_others_into_junk(language):
    company = english_only()
    mails = business(language)
    # What the model says without regard to the script, which is what threw them out: the packing of English spam.
    assert sum(company.z(one.numbers) > 1 for one in mails) > len(mails) / 4
    assert max(z_of(Judges(None, company), one) for one in mails) < 0.5


def test_english_is_still_told_apart():
    judges = Judges(None, english_only())
    for one, spam in english(40, random.Random(99)):
        assert (z_of(judges, one) > JUNK_Z) == spam


def test_no_model_crosses_the_line_before_it_saw_enough_of_the_script():
    company = english_only()
    [spam] = [one for one, _spam in english(1, random.Random(5))]
    assert z_of(Judges(None, company), spam) > JUNK_Z
    company.counts.good["latin"] = ENOUGH - 1
    assert z_of(Judges(None, company), spam) < JUNK_Z


def test_how_a_mail_is_packed_never_decides_alone():
    loud = Weights(array("f", [9.0]) * model.SIZE, 300, 300)
    for spam in (True, False):
        loud.counts.add("latin", 300, spam=spam)
    tokens = ["t:a", "t:img", "h:comment", "p:text/html base64", "x-mailer:bulk"]
    assert z_of(Judges(None, loud), read(tokens)) == SHAPE_MOST < JUNK_Z
    assert z_of(Judges(None, loud, Own(dict.fromkeys(range(model.SIZE), 9.0))), read(tokens)) == SHAPE_MOST


def test_a_persons_lessons_in_one_script_say_nothing_in_another():
    own = Own()
    company = english_only()
    for one, spam in english(60, random.Random(3)):
        model.lesson(company, own, one.numbers, spam=spam)
    mails = business("ko")
    assert max(z_of(Judges(None, company, own), one) for one in mails) < 0.5


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Quarterly report attached, please review it", "latin"),
        ("분기 보고서를 첨부하오니 검토 바랍니다 (Q3 report.pdf)", "hangul"),
        ("四半期報告書を添付しましたのでご確認ください", "kana"),
        ("季度报告已附上，请查收并确认", "han"),
        ("大韓民國 政府 보도자료를 알려 드립니다", "hangul"),
        ("Отчёт за квартал во вложении, посмотрите", "other"),
        ("", "latin"),
    ],
)
def test_the_script_of_a_message_is_that_of_most_of_its_text(text, script):
    assert read(message_tokens(mail(text, packed=True))).script == script


def test_trust_grows_with_the_share_of_lessons_and_cannot_be_taken_away():
    counts = Counts()
    assert counts.trust("latin") == 0
    counts.add("latin", 3_000, spam=True)
    counts.add("hangul", 1, spam=False)
    assert 0 < counts.trust("hangul") < 0.01
    counts.add("hangul", 156, spam=False)
    assert counts.trust("hangul") == pytest.approx(157 / (PART * 3157))
    for spam in (True, False):
        counts.add("hangul", ENOUGH, spam=spam)
    counts.add("latin", 1_000_000, spam=True)
    assert counts.trust("hangul") == 1
    assert counts.short_of() == ["latin", "kana", "han"]
    counts.add("han", -5, spam=True)
    assert counts.lessons("han") == 0


def test_counts_come_back_as_they_were_kept():
    counts = Counts()
    for number, script in enumerate(SCRIPTS):
        counts.add(script, number, spam=True)
        counts.add(script, 10 * number, spam=False)
    again = Counts.unpack(counts.pack())
    assert (again.good, again.bad) == (counts.good, counts.bad)
    with pytest.raises(ValueError, match="cut"):
        Counts.unpack(counts.pack()[:-1])


def before(packed: bytes) -> bytes:
    """Return a model in the form of before lessons were counted by script."""
    return b"F1" + packed[2:10] + packed[10 + len(Counts().pack()) :]


def test_a_model_of_before_is_heard_in_what_it_was_taught():
    company, chance = Weights(), random.Random(1)
    lessons = [(read(message_tokens(one.octets)).numbers, one.spam) for one in made("ko", 400)]
    chance.shuffle(lessons)
    list(model.train(company, lessons, epochs=1))
    again = Weights.unpack(before(company.pack()))
    assert again.values == company.values
    assert {one: again.counts.lessons(one) for one in SCRIPTS} == dict.fromkeys(SCRIPTS, 0) | {"hangul": 400}
    own = Own.unpack(before(Own({1: 1.0}, 1, 0).pack()))
    assert (own.part, own.counts.lessons("latin")) == ({1: 1.0}, 0)
