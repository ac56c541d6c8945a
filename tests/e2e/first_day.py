"""Ten tasks of a person's first day at the webmail, done by the mouse; the hand that does them counts.

What counts: a press of the mouse. Words that are typed are 0, and so is pointing, scrolling, and choosing the file in the
window of the system. A task begins in the inbox, where the mail that it is about is in sight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import Person, acknowledged

if TYPE_CHECKING:
    from collections.abc import Callable

SUBJECTS = {
    "answer": "3분기 단가 문의",
    "find": "납품 일정 변경",
    "move": "회의록 공유",
    "star": "점심 모임",
    "put off": "출장비 정산",
    "rule": "주간 소식지",
    "delete": "자리 배치 안내",
}
"""The mail that a task is about."""
MAILBOX = "거래처"
COLLEAGUE = "ㅂㅅㅈ"
FOUND = "박서준"
FILE = {"name": "견적.txt", "mimeType": "text/plain", "buffer": b"3,300,000\n"}
SIGNATURE = "새싹 드림"


@dataclass
class Hand:
    """Somebody at a page: each of its acts is counted where it is done, so that no count differs from what was done."""

    page: Page
    count: int = 0

    def press(self, what: Locator) -> None:
        """Click."""
        self.count += 1
        what.click()

    def words(self, text: str) -> None:
        """Type words letter by letter, so that each jamo is heard: they count nothing in any mail program."""
        self.page.keyboard.type(text)

    def choose_file(self, act: Callable[[], None]) -> None:
        """Attach a file by what `act` opens; the window of the system is the same everywhere."""
        with self.page.expect_file_chooser() as chooser:
            act()
        chooser.value.set_files(FILE)  # type: ignore[arg-type]


@dataclass
class Day:
    """A person's mail while the tasks are done, and how each one is seen to be done."""

    person: Person
    hand: Hand

    @property
    def page(self) -> Page:
        """The page."""
        return self.person.page

    def row(self, task: str) -> Locator:
        """The row of the mail that a task is about."""
        return self.person.row(SUBJECTS[task])

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def begin(self, task: str) -> None:
        """Back to the inbox, counting nothing: nothing of the task before is on the screen."""
        self.page.goto(f"{self.person.site}/#")
        self.page.get_by_role("grid").first.wait_for()
        for shown in self.person.notices.get_by_role("button", name="닫기").all():
            shown.click()
        if task in SUBJECTS:
            self.row(task).wait_for()
        self.hand.count = 0

    def told(self, words: str) -> None:
        """What is done is told: seen in a notice, and said by a screen reader."""
        expect(self.page.get_by_role("status").filter(has_text=words).first).to_be_attached()

    def sent(self, send: Callable[[], None]) -> None:
        """Send, and see the letter go."""
        with acknowledged(self.page, "EmailSubmission/set"):
            send()
        expect(self.page.get_by_role("textbox", name="본문")).to_have_count(0)
        expect(self.person.notices).to_contain_text("보냈습니다")

    def into_letter(self, words: str) -> None:
        """Type the letter; it has the words where they were wanted."""
        self.hand.words(words)
        expect(self.page.get_by_role("textbox", name="본문")).to_contain_text(words)

    def has_file(self) -> None:
        """The file is at the letter, whole: until then the letter would not go."""
        expect(self.page.get_by_role("listitem").filter(has_text="견적.txt").first).to_contain_text("10 B")

    def opened(self, task: str) -> None:
        """The mail is open."""
        heading = self.page.get_by_role("article").get_by_role("heading").first
        expect(heading).to_contain_text(SUBJECTS[task])

    def is_gone(self, task: str) -> None:
        """The mail is no more in the list."""
        expect(self.row(task)).to_have_count(0)

    def is_moved(self) -> None:
        """The mail went where it was to go."""
        self.is_gone("move")
        self.told(f"{MAILBOX}로 옮겼습니다")

    def has_signature(self) -> None:
        """A new letter has it; nothing of this is counted."""
        counted = self.hand.count
        self.page.goto(f"{self.person.site}/#")
        self.page.get_by_role("grid").first.wait_for()
        self.button("메일 쓰기").first.click()
        expect(self.page.locator(".signature")).to_contain_text(SIGNATURE)
        self.hand.count = counted
