"""What goes wrong with a letter: one slip each, of every kind that people make. Returns None where a letter does not allow for it."""

from random import Random
from typing import Final

from tests.misdelivery import names
from tests.misdelivery.company import Company, Worker
from tests.misdelivery.sending import Office, Sent

KINDS: Final = ("homonym", "salutation", "customer", "lookalike", "domain", "odd", "crowd", "everybody", "slip")
_NEAR: Final = {
    "a": "sq",
    "e": "wr",
    "i": "uo",
    "o": "ip",
    "n": "bm",
    "m": "n",
    "s": "ad",
    "t": "ry",
    "l": "k",
    "h": "gj",
    "k": "lj",
}
_FROM: Final = {
    "homonym": ("colleagues", "project", "customer", "answer"), "salutation": ("customer", "colleagues"), "customer": ("customer",),
    "lookalike": ("customer",), "domain": ("customer",), "odd": ("project", "customer"), "crowd": ("mailing",),
    "everybody": ("answer_all",), "slip": ("colleagues", "project", "customer"),
}  # fmt: skip
TRIES: Final = 400


class Mistakes:
    """Makes mistakes of a company's letters."""

    def __init__(self, company: Company, office: Office) -> None:
        self.company, self.office = company, office
        self.random: Random = company.random

    def next(self, kind: str) -> tuple[Sent, Sent]:
        """Return a letter with a mistake of a kind, and the letter that was meant."""
        for _ in range(TRIES):
            meant = self.office.letter(self.random.choice(_FROM[kind]))
            wrong = getattr(self, f"_{kind}")(meant)
            if wrong is not None:
                return wrong, meant
        raise AssertionError(f"no letter for a mistake of kind {kind}")

    def _replaced(self, meant: Sent, one: Worker, other: Worker) -> Sent | None:
        if other in meant.everybody or other is meant.sender.worker:
            return None
        wrong = meant.copy()
        for field in (wrong.to, wrong.cc):
            if one in field:
                field[field.index(one)] = other
        return wrong

    def _homonym(self, meant: Sent) -> Sent | None:
        """The program offered another person of the name, of the directory or of this sender's letters."""
        for one in meant.everybody:
            others = [
                other for other in self.company.by_name.get(one.name, ())
                if other is not one and (other.customer is None or other.address in meant.sender.written)
            ]  # fmt: skip
            if others and one.address in meant.sender.written:
                wrong = self._replaced(meant, one, self.random.choice(others))
                if wrong is not None and one in (meant.earlier or [one]):
                    # Written as a new letter: an answer takes its addresses from what it answers.
                    wrong.earlier, wrong.author = [], None
                    return wrong
        return None

    def _salutation(self, meant: Sent) -> Sent | None:
        """The text was copied from a letter to somebody else and the first line stayed."""
        if len(meant.to) != 1:
            return None
        known = [one for one in meant.sender.written.values() if one is not meant.to[0] and one not in meant.everybody]
        if not known:
            return None
        other = self.random.choice(known)
        language = other.customer.language if other.customer is not None else "ko"
        if language != (meant.to[0].customer.language if meant.to[0].customer is not None else "ko"):
            return None
        for _ in range(20):
            lines = self.office.greeting(Sent(meant.sender, "", [other]), language)
            name = other.name.partition(" ")
            said = other.name[0] if language == "ko" else name[2] if language == "en" and "Mr" in lines[0] else name[0]
            own = meant.to[0].name
            if (
                any(said in line for line in lines)
                and "담당자" not in lines[0]
                and not lines[0].startswith("안녕하십니까")
            ):
                if own == other.name or (own[0] == other.name[0] and meant.to[0].called == other.called):
                    return None  # nobody could tell from the text
                wrong = meant.copy()
                wrong.text = "\n".join([*lines, *meant.text.splitlines()[2:]])
                return wrong
        return None

    def _customer(self, meant: Sent) -> Sent | None:
        """A file or a text of another customer went along."""
        others = [
            one
            for one in meant.sender.customers
            if one is not meant.customer and one.words[0] not in (meant.customer.words if meant.customer else ())
        ]
        dealt = [one for one in others if any(who.address in meant.sender.written for who in one.people)]
        if not dealt:
            return None
        [other], wrong = self.office.some(dealt, 1), meant.copy()
        word, form = self.random.choice(other.words), self.random.random()
        if form < 0.6:
            wrong.files = [
                *wrong.files[:1],
                f"{word}_{self.random.choice(names.FILES)}{self.random.choice(('', '_v2', '_최종'))}.xlsx",
            ]
        elif form < 0.8:
            wrong.subject = f"[{word}] {self.random.choice(names.MATTERS)}"
            wrong.text = f"안녕하세요.\n\n{word} 건으로 연락드립니다.\n{self.random.choice(names.SENTENCES)}"
        else:
            wrong.text = f"{wrong.text}\n\n{word}에 제시한 단가는 표와 같습니다.\n{word} 담당자 확인 후 회신 바랍니다."
        return wrong

    def _moved(self, meant: Sent, domain: str) -> Sent | None:
        one = meant.to[0]
        if one.customer is None or domain == one.customer.domain:
            return None
        other = Worker(
            one.name, f"{one.address.partition('@')[0]}@{domain}", one.title, "", one.customer, shown=one.shown
        )
        return self._replaced(meant, one, other)

    def _lookalike(self, meant: Sent) -> Sent | None:
        """A letter too many, too few, another one, two in the wrong order, the other ending."""
        domain = meant.to[0].address.partition("@")[2]
        label, _, ending = domain.partition(".")
        at, form = self.random.randrange(1, len(label)), self.random.randrange(5)
        if form == 0:
            label = label[:at] + label[at:][1:]
        elif form == 1:
            label = label[:at] + label[at] + label[at:]
        elif form == 2:
            label = label[:at] + self.random.choice(_NEAR.get(label[at], "x")) + label[at + 1 :]
        elif form == 3:
            label = label[: at - 1] + label[at] + label[at - 1] + label[at + 1 :]
        else:
            ending = {"co.kr": "com", "com": "co.kr", "kr": "co.kr", "co.jp": "jp", "jp": "co.jp"}.get(ending, "net")
        wrong = f"{label}.{ending}"
        return None if len(label) < 2 or wrong in self.company.domains else self._moved(meant, wrong)

    def _domain(self, meant: Sent) -> Sent | None:
        """The person's private address, or one of a company that they have left."""
        one = meant.to[0]
        if one.address not in meant.sender.written:
            return None
        domain = self.random.choice(
            ("naver.com", "gmail.com", "hanmail.net", f"old{self.random.choice(names.COMPANY_TAILS)[1]}.co.kr")
        )
        return self._moved(meant, domain)

    def _odd(self, meant: Sent) -> Sent | None:
        """Somebody of another circle slipped into Cc."""
        if len(meant.everybody) < 2 or len(meant.everybody) > 15:
            return None
        circle = {one.customer for one in meant.everybody if one.customer is not None}
        members = meant.project.members if meant.project is not None else []
        others = [
            one for one in meant.sender.written.values()
            if one not in meant.everybody and one not in members and one not in meant.sender.close
            and (one.customer is None or one.customer not in circle)
        ]  # fmt: skip
        if not others:
            return None
        wrong = meant.copy()
        wrong.cc.append(self.random.choice(others))
        return wrong

    def _crowd(self, meant: Sent) -> Sent | None:
        """Bcc was meant."""
        if len({one.customer for one in meant.bcc}) < 4:
            return None
        wrong = meant.copy()
        wrong.to, wrong.bcc = [*wrong.to, *wrong.bcc], []
        if self.random.random() < 0.5:
            wrong.to, wrong.cc = wrong.to[:1], wrong.to[1:]
        return wrong

    def _everybody(self, meant: Sent) -> Sent | None:
        """An answer for the author alone went to all."""
        if len(meant.everybody) < 6 or meant.author is None:
            return None
        language = meant.author.customer.language if meant.author.customer is not None else "ko"
        greeting = (
            [] if self.random.random() < 0.4 else self.office.greeting(Sent(meant.sender, "", [meant.author]), language)
        )
        private = {"ko": names.PRIVATE, "ja": names.JA_PRIVATE, "en": names.EN_PRIVATE}[language]
        said = self.random.sample(private, self.random.choice((1, 1, 2)))
        if self.random.random() < 0.3:
            said.append(self.random.choice(names.SENTENCES))
        wrong = meant.copy()
        wrong.text, wrong.files = "\n".join([*greeting, *said]), []
        return wrong

    def _slip(self, meant: Sent) -> Sent | None:
        """Enter was pressed one letter too early: the program had another one on top."""
        if not meant.everybody:
            return None
        one = self.random.choice(meant.everybody)
        if one.address not in meant.sender.written:
            return None
        local = one.address.partition("@")[0]
        pool = (*meant.sender.written.values(), *self.company.workers)
        near = [
            other for other in pool
            if other is not one and other.name != one.name and other not in meant.everybody
            and (other.name[:2] == one.name[:2] or other.address.startswith(local[:3]))
        ]  # fmt: skip
        return self._replaced(meant, one, self.random.choice(near)) if near else None
