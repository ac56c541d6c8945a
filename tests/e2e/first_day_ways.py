"""The ten tasks of `first_day.py` by each way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.e2e.first_day import COLLEAGUE, FOUND, MAILBOX, SIGNATURE, Day

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

TASKS = {
    "answer": "read a mail and answer it",
    "write": "write to a colleague found by first sounds, with a file",
    "find": "search in Korean and open what is found",
    "move": "move a mail into a mailbox",
    "star": "star a mail",
    "put off": "put a mail off to the first hour that is offered",
    "rule": "make a rule from a mail",
    "absence": "turn on an absence reply with a text of one's own",
    "delete": "delete a mail and take it back",
    "signature": "add a signature",
}
_AWAY = "금요일에 돌아옵니다."


def _field(day: Day, name: str) -> Locator:
    return day.page.get_by_role("textbox", name=name)


def _colleague(day: Day) -> Locator:
    return day.page.get_by_role("option").filter(has_text=FOUND).first


def _to(day: Day) -> None:
    expect(day.page.get_by_role("combobox", name="받는사람")).to_be_focused()
    day.hand.words(COLLEAGUE)
    _colleague(day).wait_for()


def _answer_by_pressing(day: Day) -> None:
    day.hand.press(day.row("answer"))
    day.opened("answer")
    day.hand.press(day.button("답장").last)
    expect(_field(day, "본문")).to_be_focused()
    day.into_letter("네, 확인했습니다.")
    day.sent(lambda: day.hand.press(day.button("보내기")))


def _write_by_pressing(day: Day, write: str, attach: str) -> None:
    day.hand.press(day.button(write).first)
    _to(day)
    day.hand.press(_colleague(day))
    day.hand.press(_field(day, "제목"))
    day.hand.words("견적 검토")
    day.hand.press(_field(day, "본문"))
    day.into_letter("검토 부탁드립니다.")
    day.hand.choose_file(lambda: day.hand.press(day.page.get_by_role("button", name=attach).last))
    day.has_file()
    day.sent(lambda: day.hand.press(day.button("보내기")))


def _find_by_pressing(day: Day, line: Callable[[], Locator]) -> None:
    day.hand.press(line())
    day.hand.words("납품 일정")
    expect(day.page.get_by_role("row").filter(has_text="3분기")).to_have_count(0)
    day.hand.press(day.row("find"))
    day.opened("find")


def _rule_by_pressing(day: Day) -> None:
    day.hand.press(day.row("rule"))
    day.opened("rule")
    day.hand.press(day.button("더 보기").last)
    day.hand.press(day.page.get_by_role("menuitem", name="이 메일로 자동분류 만들기"))
    dialog = day.page.get_by_role("dialog", name="규칙 만들기")
    expect(dialog).to_contain_text(MAILBOX)
    day.hand.press(dialog.get_by_role("button", name="저장", exact=True))
    day.told("규칙을 저장했습니다.")


def _absence_by_pressing(day: Day) -> None:
    settings = day.page.get_by_role("navigation", name="설정")
    day.hand.press(settings.get_by_role("link", name="부재중 자동응답"))
    day.hand.press(day.page.get_by_role("main").get_by_role("switch"))
    day.hand.press(day.page.get_by_label("회사 사람에게 보낼 말"))
    day.hand.words(_AWAY)
    day.hand.press(day.button("저장"))
    day.told("자동응답을 저장했습니다.")


def _signature_by_pressing(day: Day, leave: str) -> None:
    settings = day.page.get_by_role("navigation", name="설정")
    day.hand.press(settings.get_by_role("link", name="쓰기", exact=True))
    day.hand.press(day.button("서명 추가"))
    expect(day.page.get_by_label("서명 내용")).to_be_focused()
    day.hand.words(SIGNATURE)
    day.hand.press(day.button(leave).first)
    day.has_signature()


def _by_mouse(day: Day) -> dict[str, Callable[[], None]]:
    """The tasks by the mouse."""
    hand, page = day.hand, day.page
    bar = page.get_by_role("banner")

    def quick(task: str, name: str) -> None:
        day.row(task).hover()
        hand.press(day.row(task).locator(".hover").get_by_title(name))

    def move() -> None:
        hand.press(day.row("move").get_by_role("checkbox"))
        hand.press(day.button("이동").first)
        hand.press(page.get_by_role("menuitem", name=MAILBOX))
        day.is_moved()

    def star() -> None:
        hand.press(day.row("star").get_by_role("button", name="별표").first)
        expect(day.row("star").get_by_role("button", name="별표 해제").first).to_be_attached()

    def put_off() -> None:
        quick("put off", "나중에 보기")
        hand.press(page.get_by_role("menuitem").first)
        day.is_gone("put off")

    def delete() -> None:
        quick("delete", "삭제")
        day.is_gone("delete")
        hand.press(day.person.notices.get_by_role("button", name="실행 취소"))
        expect(day.row("delete")).to_be_visible()

    def in_settings(task: Callable[[Day], None]) -> Callable[[], None]:
        def run() -> None:
            hand.press(bar.get_by_role("button", name="설정", exact=True))
            task(day)

        return run

    return {
        "answer": lambda: _answer_by_pressing(day),
        "write": lambda: _write_by_pressing(day, "메일 쓰기", "파일 첨부"),
        "find": lambda: _find_by_pressing(day, lambda: bar.get_by_role("combobox", name="메일 검색")),
        "move": move,
        "star": star,
        "put off": put_off,
        "rule": lambda: _rule_by_pressing(day),
        "absence": in_settings(_absence_by_pressing),
        "signature": in_settings(lambda of: _signature_by_pressing(of, "메일로 돌아가기")),
        "delete": delete,
    }


WAYS = {"mouse": _by_mouse, "slow line": _by_mouse}
"""How the tasks are done by each way."""
