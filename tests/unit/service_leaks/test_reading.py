"""What a letter holds: subject, texts, names, files by their content; what could not be looked into says why."""

from datetime import date
from email.message import EmailMessage

import pytest

from smartmail.domain.errors import Unavailable
from smartmail.domain.leaks import LeakFacts
from smartmail.formats import summary as summaries
from smartmail.formats.extract.out import FileInside
from smartmail.formats.mime.scanner import scan
from smartmail.policy.leak_conditions import Needs, compile_leak_condition
from smartmail.ports.extraction import ExtractedText
from smartmail.service.protection.leaks.reading import LetterReader

NUMBER = "900101-1234568"
TODAY = date(2026, 12, 1)
WANTED = Needs(frozenset({"finding"}), frozenset({"kr.rrn"}))
PDF = b"%PDF-1.7 octets of a paper"


class Extractor:
    """Says of each file what it is given, and counts."""

    def __init__(self, answer: ExtractedText | None = None, error: Exception | None = None) -> None:
        self.answer, self.error, self.asked = answer, error, 0

    def handles(self, media_type: str, name: str) -> bool:
        return name.endswith(".pdf")

    async def text_of(
        self, media_type: str, name: str, octets: bytes, *, thorough: bool = False
    ) -> ExtractedText | None:
        assert thorough
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.answer


def mail(text: str = "hello", subject: str = "hi", html: str = "", *files: tuple[str, bytes]) -> bytes:
    made = EmailMessage()
    made["Subject"] = subject
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    for name, octets in files:
        made.add_attachment(octets, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes().replace(b"\n", b"\r\n")


async def content(octets: bytes, reader: LetterReader | None = None, wanted: Needs = WANTED):
    async def read(start: int, length: int) -> bytes:
        return octets[start : start + length]

    return await (reader or LetterReader(None)).content(summaries.build(scan(octets)), read, wanted, TODAY)


@pytest.mark.parametrize(
    ("octets", "place"),
    [
        (mail(f"번호 {NUMBER}"), "body"),
        (mail(subject=f"RE: {NUMBER}"), "subject"),
        (mail("x", "hi", "<p>900101<b>-1234568</b></p>"), "body"),
        (mail("x", "hi", "", (f"{NUMBER}.bin", b"\x00\x01")), f"name:{NUMBER}.bin"),
    ],
)
async def test_a_number_is_found_wherever_it_is(octets, place):
    found = await content(octets)
    assert [(one.detector, one.value) for one in found.hits] == [("kr.rrn", "9001011234568")]
    assert found.hits[0].place == place
    assert NUMBER not in found.hits[0].masked


async def test_a_file_is_read_by_its_content_whatever_its_name_says():
    reader = LetterReader(Extractor(ExtractedText(f"주민등록번호 {NUMBER}")))
    found = await content(mail("x", "hi", "", ("holiday.jpg", PDF)), reader)
    assert [one.place for one in found.hits] == ["file:holiday.jpg"]
    [facts] = found.files
    assert (facts.kind, facts.extension, facts.mismatch, facts.problem) == ("pdf", "jpg", True, "")


async def test_the_same_file_is_read_once():
    extractor = Extractor(ExtractedText(f"주민등록번호 {NUMBER}"))
    reader = LetterReader(extractor)
    for _ in range(3):
        assert len((await content(mail("x", "hi", "", ("a.pdf", PDF)), reader)).hits) == 1
    assert extractor.asked == 1
    other = Needs(frozenset({"finding"}), frozenset({"card"}))
    assert (await content(mail("x", "hi", "", ("a.pdf", PDF)), reader, other)).hits == []
    assert extractor.asked == 2


@pytest.mark.parametrize(
    ("extractor", "problem", "encrypted"),
    [
        (None, "unavailable", False),
        (Extractor(error=Unavailable()), "unavailable", False),
        (Extractor(ExtractedText("", False, problem="encrypted")), "encrypted", True),
        (Extractor(ExtractedText("half", False)), "limits", False),
        (Extractor(ExtractedText("whole")), "", False),
        (Extractor(None), "", False),
    ],
)
async def test_what_could_not_be_looked_into_says_why(extractor, problem, encrypted):
    [facts] = (await content(mail("x", "hi", "", ("a.pdf", PDF)), LetterReader(extractor))).files
    assert (facts.problem, facts.encrypted) == (problem, encrypted)


async def test_files_within_a_file_are_files_and_count_as_one_attachment():
    inside = (
        FileInside("a.zip", "zip", 40, "", labels=("label=대외비",)),
        FileInside("설계.dwg", "dwg", 10, "", 0),
        FileInside("x.pdf", "pdf", 20, "", 0, problem="encrypted"),
    )
    reader = LetterReader(Extractor(ExtractedText(f"주민등록번호 {NUMBER}", False, (), "encrypted", inside)))
    found = await content(mail("x", "hi", "", ("a.zip", b"PK\x03\x04")), reader)
    assert [(one.name, one.kind, one.extension, one.encrypted, one.inside) for one in found.files] == [
        ("a.zip", "zip", "zip", True, False),
        ("a.zip/설계.dwg", "dwg", "dwg", False, True),
        ("a.zip/x.pdf", "pdf", "pdf", True, True),
    ]
    assert [one.place for one in found.hits] == ["file:a.zip"]
    assert found.files[0].labels == ("label=대외비",)
    facts = LeakFacts(0, {}, "web", 1, 1, frozenset({"outside"}), frozenset(), files=tuple(found.files))
    assert compile_leak_condition({"fact": "extension", "in": ["dwg"]}).test(facts)
    assert not compile_leak_condition({"fact": "attachments", "least": 2}).test(facts)


async def test_octets_of_no_known_kind_are_told_by_the_reader():
    extractor = Extractor(ExtractedText("", False, problem="unsupported"))
    [facts] = (await content(mail("x", "hi", "", ("a.dat", b"\x00\x01\x02")), LetterReader(extractor))).files
    assert facts.problem == "unsupported"


async def test_a_reader_that_was_away_is_asked_again():
    extractor = Extractor(error=Unavailable())
    reader = LetterReader(extractor)
    await content(mail("x", "hi", "", ("a.pdf", PDF)), reader)
    await content(mail("x", "hi", "", ("a.pdf", PDF)), reader)
    assert extractor.asked == 2


async def test_files_that_hold_no_text_are_no_problem():
    [facts] = (await content(mail("x", "hi", "", ("a.png", b"\x89PNG\r\n\x1a\n")))).files
    assert (facts.kind, facts.problem) == ("png", "")


async def test_mail_that_only_its_reader_opens_is_encrypted():
    octets = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\nSubject: hi\r\n\r\nMIAGCSqG\r\n"
    [facts] = (await content(octets)).files
    assert (facts.encrypted, facts.problem) == (True, "encrypted")


async def test_words_and_expressions_are_found():
    wanted = compile_leak_condition({"any": [
        {"fact": "words", "in": ["설계도면", "도면"], "weights": {"설계도면": 5}}, {"fact": "pattern", "in": ["PRJ-[0-9]{4}"]},
    ]}).wanted  # fmt: skip
    found = await content(mail("반도체설계도면을 보냅니다. 전도면허 PRJ-1234"), wanted=wanted)
    assert {(one.value, one.weight) for one in found.hits} == {("설계도면", 5), ("PRJ-1234", 1)}


async def test_nothing_is_searched_for_where_nothing_is_wanted():
    found = await content(mail(f"번호 {NUMBER}", "hi", "", ("a.pdf", PDF)), wanted=Needs(frozenset({"attachments"})))
    assert found.hits == []
    assert [one.name for one in found.files] == ["a.pdf"]
