"""policy.misdelivery: each signal speaks for its mistake and is silent about the letter that was meant."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain import correspondence
from smartmail.domain.correspondence import Correspondence
from smartmail.formats.salutation import Addressed
from smartmail.policy.misdelivery import Letter, Person, cautions, findings, learn, total
from smartmail.policy.misdelivery.confidences import CONFIDENCES
from smartmail.policy.misdelivery.customers import is_name_of
from smartmail.policy.misdelivery.salutations import may_be
from smartmail.policy.misdelivery.topics import words_of

HOME = frozenset(("hanul-tech.co.kr",))
KIM = Person("minsu.kim@hanul-tech.co.kr", "김민수", "영업1팀", "부장", inside=True)
KIM2 = Person("minsu.kim2@hanul-tech.co.kr", "김민수", "개발2팀", "대리", inside=True)
LEE = Person("jiyoung.lee@hanul-tech.co.kr", "이지영", "영업1팀", "과장", inside=True)
CHOI = Person("jun.choi@hanul-tech.co.kr", "최준", "영업1팀", "사원", inside=True)
PARK = Person("ys.park@hanbit-elec.co.kr", "박영수")
SONG = Person("mj.song@daesung.com", "송미정")


def memory() -> Correspondence:
    """Return the memory of a sender with a team, and two customers."""
    made = Correspondence()
    for at in range(12):
        learn(made, Letter((KIM, LEE, CHOI), f"[알파] 주간 보고 {at}", "안녕하세요."))
        learn(made, Letter((KIM,), "회의 일정", "김 부장님,"))
        learn(made, Letter((PARK,), "[한빛전자] 견적서", "박영수님,", ("한빛전자_견적서.xlsx",)))
        learn(made, Letter((SONG,), "[대성화학] 계약", "송 과장님,", ("대성화학_계약서.pdf",)))
    return made


def kinds(letter: Letter, of: Correspondence | None = None) -> set[str]:
    return {one.kind for one in findings(letter, of or memory(), HOME)}


@pytest.mark.parametrize(
    "letter",
    [
        Letter((KIM, LEE, CHOI), "[알파] 주간 보고", "안녕하세요."),
        Letter((KIM,), "회의 일정", "김 부장님,"),
        Letter((PARK,), "[한빛전자] 납기", "박영수님,", ("한빛전자_납기.xlsx",)),
        Letter((SONG,), "계약 건", "안녕하세요.\n말씀하신 자료입니다."),
    ],
)
def test_usual_letters_are_not_asked_about(letter: Letter):
    assert cautions(letter, memory(), HOME) == []


def test_a_homonym_is_told_with_the_one_who_is_usual():
    found = cautions(Letter((KIM2, LEE, CHOI), "[알파] 주간 보고", "안녕하세요."), memory(), HOME)
    said = next(one for one in found if one.kind == "homonym")
    assert (said.address, said.instead, said.text) == (KIM2.address, KIM.address, "김민수")


def test_a_homonym_who_is_answered_is_meant():
    letter = Letter((KIM2,), "RE: 질문", "네.", earlier=frozenset((KIM2.address,)), answers=KIM2.address)
    assert "homonym" not in kinds(letter)


def test_a_salutation_of_another_is_told():
    found = findings(Letter((PARK,), "견적", "송 과장님,\n보내드립니다."), memory(), HOME)
    said = next(one for one in found if one.kind == "salutation")
    assert (said.address, said.instead, said.text) == (PARK.address, SONG.address, "송 과장")
    assert total(found) >= 0.5


@pytest.mark.parametrize(
    ("said", "name", "answer"),
    [
        (Addressed("김", "부장", "ko"), "김민수", "yes"),
        (Addressed("김", "부장", "ko"), "한빛전자 김민수", "yes"),
        (Addressed("김", "부장", "ko"), "Minsu Kim", "yes"),
        (Addressed("이", "대리", "ko"), "Minsu Kim", "no"),
        (Addressed("민수", "", "ko"), "김민수", "yes"),
        (Addressed("Minsu", "", "en"), "김민수", "yes"),
        (Addressed("Kim", "", "en"), "이지영", "no"),
        (Addressed("Lee", "", "en"), "이지영", "yes"),
        (Addressed("田中", "", "ja"), "田中 太郎", "yes"),
        (Addressed("佐藤", "", "ja"), "田中 太郎", "no"),
        (Addressed("田中", "", "ja"), "Taro Tanaka", "unknown"),
        (Addressed("王", "经理", "zh"), "王小明", "yes"),
        (Addressed("김", "", "ko"), "", "unknown"),
    ],
)
def test_names_are_compared_across_scripts(said: Addressed, name: str, answer: str):
    assert may_be(said, (name,) if name else ()) == answer


@pytest.mark.parametrize("name", ["한빛전자", "한빛"])
def test_a_customer_is_known_by_the_sound_of_its_domain(name: str):
    assert is_name_of(name, "hanbit-elec.co.kr")
    assert not is_name_of(name, "daesung.com")
    assert is_name_of("innotab", "innotab.com")


def test_a_file_of_another_customer_is_told():
    found = findings(Letter((SONG,), "자료", "안녕하세요.", ("한빛전자_단가표.xlsx",)), memory(), HOME)
    said = next(one for one in found if one.kind == "customer")
    assert (said.instead, said.text) == ("hanbit-elec.co.kr", "한빛전자")


def test_colleagues_may_read_of_customers():
    assert "customer" not in kinds(Letter((LEE,), "한빛전자 건", "한빛전자 견적입니다.", ("한빛전자_견적서.xlsx",)))


@pytest.mark.parametrize("domain", ["hanbit-elec.com", "hanbit-elcc.co.kr", "hanbitelec.co.kr"])
def test_a_domain_that_looks_like_a_known_one_is_asked_about(domain: str):
    wrong = replace(PARK, address=f"ys.park@{domain}")
    found = cautions(Letter((wrong,), "견적", "안녕하세요."), memory(), HOME)
    assert "domain" in {one.kind for one in found}


def test_a_domain_that_the_company_writes_to_is_not_new():
    letter = Letter((Person("a@new.example"),), known_domains=frozenset(("new.example",)))
    assert "domain" not in kinds(letter)
    assert "domain" in kinds(replace(letter, known_domains=frozenset()))


def test_an_odd_one_among_those_who_belong_together_is_told():
    found = findings(Letter((KIM, LEE, CHOI, PARK), "주간 보고", "안녕하세요."), memory(), HOME)
    assert [one.address for one in found if one.kind == "odd"] == [PARK.address]


def crowd(field: str) -> Letter:
    people = tuple(Person(f"a@company{at}.example", field=field) for at in range(9))  # type: ignore[arg-type]
    return Letter(people, "안내", "안녕하세요.")


def test_companies_that_see_each_other_are_told_even_to_a_sender_without_habits():
    [said] = cautions(crowd("cc"), Correspondence())
    assert (said.kind, said.text) == ("crowd", "9")
    assert cautions(crowd("bcc"), Correspondence()) == []


def test_companies_that_write_in_a_round_are_no_crowd():
    known = Correspondence()
    learn(known, crowd("to"))
    assert "crowd" not in kinds(crowd("to"), known)


def test_a_private_answer_to_all_is_told():
    people = tuple(Person(f"p{at}@hanul-tech.co.kr", f"이{at}", inside=True) for at in range(9))
    everybody = frozenset(one.address for one in people)
    letter = Letter(
        (KIM, *people), "RE: 일정", "솔직히 무리라고 봅니다.", earlier=everybody | {KIM.address}, answers=KIM.address
    )
    assert "everybody" in {one.kind for one in cautions(letter, memory(), HOME)}
    assert "everybody" not in kinds(replace(letter, recipients=(KIM,)))


def test_the_same_name_at_another_domain_is_a_slip():
    wrong = replace(PARK, address="ys.park@gmail.com", name="")
    said = next(one for one in findings(Letter((wrong,), "견적", "안녕하세요."), memory(), HOME) if one.kind == "slip")
    assert (said.address, said.instead) == (wrong.address, PARK.address)


def test_nothing_is_said_before_there_are_habits():
    assert findings(Letter((KIM2,), "회의", "송 과장님,"), Correspondence(), HOME) == []


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    made = Correspondence()
    for at in range(1_200):
        people = (Person(f"p{at}@x{at % 40}.example", f"이름{at}"), Person(f"q{at}@y.example"))
        learn(made, Letter(people, f"word{at:04d}x 제목", ""))
    assert len(made.people) <= correspondence.MAX_PEOPLE
    assert len(made.circles) <= correspondence.MAX_CIRCLES
    assert len(made.topics) <= correspondence.MAX_WORDS
    assert "p1199@x39.example" in made.people


def test_confidences_are_shares():
    assert all(0 <= one <= 1 for one in CONFIDENCES.values())


_TEXT = st.text(max_size=80)
_PEOPLE = st.builds(
    Person, st.sampled_from([KIM.address, KIM2.address, PARK.address, SONG.address, "x@y.example", "", "@", "a@"]),
    _TEXT, _TEXT, _TEXT, st.booleans(), st.sampled_from(["to", "cc", "bcc"]),
)  # fmt: skip


@given(st.lists(_PEOPLE, max_size=12), _TEXT, _TEXT, st.lists(_TEXT, max_size=3))
def test_any_letter_is_judged_and_learnt(people: list[Person], subject: str, text: str, files: list[str]):
    known = memory()
    letter = Letter(tuple(people), subject, text, tuple(files), answers=KIM.address)
    assert all(one.sign in CONFIDENCES for one in findings(letter, known, HOME))
    learn(known, letter)


def test_what_is_no_word_does_not_fill_the_memory():
    assert words_of("x" * 4_000, ["y" * 4_000], "") == []
