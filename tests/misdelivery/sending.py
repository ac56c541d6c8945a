"""Ordinary letters: who gets what, as people write them."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeVar

from tests.misdelivery import names
from tests.misdelivery.company import Company, Customer, Project, Sender, Worker

T = TypeVar("T")


@dataclass
class Sent:
    """A letter as its sender wants it. `kind`: what it is; `earlier` those who had part in what it answers, `author` who wrote that."""

    sender: Sender
    kind: str
    to: list[Worker]
    cc: list[Worker] = field(default_factory=list[Worker])
    bcc: list[Worker] = field(default_factory=list[Worker])
    subject: str = ""
    text: str = ""
    files: list[str] = field(default_factory=list[str])
    earlier: list[Worker] = field(default_factory=list[Worker])
    author: Worker | None = None
    customer: Customer | None = None
    project: Project | None = None

    @property
    def everybody(self) -> list[Worker]:
        return [*self.to, *self.cc, *self.bcc]

    def copy(self) -> "Sent":
        return replace(self, to=list(self.to), cc=list(self.cc), bcc=list(self.bcc), files=list(self.files))


class Office:
    """Sends the letters of a company."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.random: Random = company.random
        self._weights = [one.activity for one in company.senders]

    def letter(self, kind: str = "", sender: Sender | None = None) -> Sent:
        """Return the next letter that somebody sends."""
        while True:
            who = sender or self.random.choices(self.company.senders, self._weights)[0]
            wanted = kind or self._kind(who)
            sent: Sent | None = getattr(self, f"_{wanted}")(who)
            if sent is not None and sent.everybody and who.worker not in sent.everybody:
                return sent

    def _kind(self, who: Sender) -> str:
        selling = 34 if who.customers else 2
        kinds = {
            "colleagues": 30, "project": 18, "customer": selling, "answer": 12, "answer_all": 6, "stranger": 2.5, "joint": 0.6,
            "mailing": 0.5, "partners": 0.25, "department": 1.0, "free": 2.0,
        }  # fmt: skip
        return self.random.choices(list(kinds), list(kinds.values()))[0]

    def some(self, people: list[T], most: int) -> list[T]:
        """Take a few, those at the front of the list far more often."""
        weights = [1 / (at + 1) for at in range(len(people))]
        count = min(
            len(people), self.random.choices(range(1, most + 1), [1 / one**1.5 for one in range(1, most + 1)])[0]
        )
        return list(dict.fromkeys(self.random.choices(people, weights, k=count)))

    # -- kinds ----------------------------------------------------------------------------------------------------------

    def _colleagues(self, who: Sender) -> Sent | None:
        if not who.close:
            return None
        people = self.some(who.close, 3)
        cc = self.some(who.close, 2) if self.random.random() < 0.25 else []
        project = self.random.choice(who.projects) if who.projects and self.random.random() < 0.25 else None
        sent = Sent(who, "colleagues", people, [one for one in cc if one not in people], project=project)
        if who.customers and self.random.random() < 0.25:
            sent.customer = self.random.choice(who.customers)
        return self._written(sent)

    def _project(self, who: Sender) -> Sent | None:
        if not who.projects:
            return None
        project = self.random.choice(who.projects)
        others = [one for one in project.members if one is not who.worker]
        if not others:
            return None
        everybody = self.random.random() < 0.6
        chosen = others if everybody else self.some(others, 4)
        to = chosen[: self.random.randint(1, 3)] if self.random.random() < 0.6 else chosen
        cc = [one for one in chosen if one not in to]
        if project.customer is not None and self.random.random() < 0.2:
            to = [*self._contacts(who, project.customer)[:2], *to]
        return self._written(Sent(who, "project", to, cc, project=project, customer=project.customer))

    def _contacts(self, who: Sender, customer: Customer) -> list[Worker]:
        people = who.contacts.get(customer.domain + customer.words[0])
        if people is None:
            self.company.meet(who, customer)
            people = who.contacts[customer.domain + customer.words[0]]
        return people

    def _customer(self, who: Sender) -> Sent | None:
        if not who.customers:
            return None
        customer = self.some(who.customers, 1)[0]
        contacts = self._contacts(who, customer)
        to = self.some(contacts, 2)
        cc = [one for one in contacts if one not in to and self.random.random() < 0.2]
        if self.random.random() < 0.35 and who.close:
            cc += [one for one in who.close[: self.random.randint(1, 3)] if one not in cc]
        return self._written(Sent(who, "customer", to, cc, customer=customer))

    def _answer(self, who: Sender) -> Sent | None:
        base = self.letter(self.random.choice(("project", "customer", "colleagues")), who) if self._can(who) else None
        if base is None:
            return None
        author = self.random.choice(base.everybody)
        sent = Sent(
            who, "answer", [author], earlier=base.everybody, author=author, project=base.project, customer=base.customer
        )
        if self.random.random() < 0.05 and who.close:
            sent.cc = [one for one in self.some(who.close, 1) if one is not author]
        return self._written(sent, "RE: " + base.subject)

    def _answer_all(self, who: Sender) -> Sent | None:
        base = self.letter(self.random.choice(("project", "project", "customer")), who) if self._can(who) else None
        if base is None:
            return None
        author = self.random.choice(base.everybody)
        cc = [one for one in base.everybody if one is not author]
        if self.random.random() < 0.06 and who.close:
            cc += [one for one in self.some(who.close, 1) if one is not author and one not in cc]
        sent = Sent(
            who,
            "answer_all",
            [author],
            cc,
            earlier=base.everybody,
            author=author,
            project=base.project,
            customer=base.customer,
        )
        return self._written(sent, "RE: " + base.subject)

    def _can(self, who: Sender) -> bool:
        return bool(who.close and who.projects and who.customers)

    def _stranger(self, who: Sender) -> Sent | None:
        if self.random.random() < 0.5:
            return self._written(Sent(who, "stranger", [self.random.choice(self.company.workers)]))
        customer = self.random.choice(self.company.customers)
        return self._written(Sent(who, "stranger", [self.random.choice(customer.people)], customer=customer))

    def _joint(self, who: Sender) -> Sent | None:
        if len(who.customers) < 2:
            return None
        # Mostly the two that work together on something.
        one, other = who.customers[:2] if self.random.random() < 0.75 else self.random.sample(who.customers, 2)
        to = [self._contacts(who, one)[0], self._contacts(who, other)[0]]
        return self._written(Sent(who, "joint", to, customer=one))

    def _mailing(self, who: Sender) -> Sent | None:
        if len(who.customers) < 3:
            return None
        people = [one for customer in who.customers for one in self._contacts(who, customer)]
        return self._written(Sent(who, "mailing", [self.random.choice(who.close)] if who.close else [], bcc=people))

    def _partners(self, who: Sender) -> Sent | None:
        """A round of several companies that do know each other: the same ones each time."""
        if len(who.customers) < 4:
            return None
        people = [self._contacts(who, customer)[0] for customer in who.customers[: 4 + len(who.customers) % 3]]
        return self._written(Sent(who, "partners", people))

    def _department(self, who: Sender) -> Sent | None:
        people = [
            one for one in self.company.workers if one.department == who.worker.department and one is not who.worker
        ]
        return self._written(Sent(who, "department", people[:60]))

    def _free(self, who: Sender) -> Sent | None:
        """Colleagues from anywhere, because of something that came up."""
        people = self.random.sample(self.company.workers, self.random.choice((1, 1, 2, 3, 5)))
        return self._written(Sent(who, "free", people))

    # -- words ----------------------------------------------------------------------------------------------------------

    def _written(self, sent: Sent, subject: str = "") -> Sent:
        self.write(sent, subject)
        return sent

    def write(self, sent: Sent, subject: str = "") -> None:
        """Write subject, text and names of files."""
        random = self.random
        first = sent.to[0] if sent.to else None
        language = first.customer.language if first is not None and first.customer is not None else "ko"
        matters = {"ko": names.MATTERS, "ja": names.JA_MATTERS, "en": names.EN_MATTERS}[language]
        sentences = {"ko": names.SENTENCES, "ja": names.JA_SENTENCES, "en": names.EN_SENTENCES}[language]
        sent.subject = subject or self._subject(sent, random.choice(matters))
        body = random.sample(sentences, random.randint(1, 4))
        if sent.customer is not None and random.random() < 0.35:
            body.insert(0, self._naming(sent.customer, language))
        if random.random() < 0.02 and sent.sender.customers:
            body.append(self._naming(random.choice(sent.sender.customers), language))  # another one, as an example
        if random.random() < 0.06:
            third = random.choice(self.company.workers)
            body.append(f"{third.name[0]} {third.title}님께도 말씀드렸습니다.")
        greeting = self.greeting(sent, language)
        sent.text = "\n".join([*greeting, "", *body, "", sent.sender.worker.name + " 드림"])
        if random.random() < 0.35:
            sent.files = [self.file_name(sent) for _ in range(random.choice((1, 1, 1, 2, 3)))]

    def _subject(self, sent: Sent, matter: str) -> str:
        random = self.random
        if sent.project is not None and random.random() < 0.6:
            return f"[{sent.project.name}] {matter}"
        if sent.customer is not None and random.random() < 0.4:
            word = random.choice(sent.customer.words)
            return random.choice((f"[{word}] {matter}", f"{word} {matter}", f"{matter} ({word})"))
        return matter

    def _naming(self, customer: Customer, language: str) -> str:
        word = self.random.choice(customer.words)
        if language == "ja":
            return f"{word}様の件でご連絡いたします。"
        if language == "en":
            return f"This is about the order of {word}."
        return self.random.choice(
            (f"{word} 건으로 연락드립니다.", f"{word}에 납품한 제품 관련입니다.", f"{word}의 요청 사항입니다.")
        )

    def file_name(self, sent: Sent) -> str:
        """Return the name of a file that goes along."""
        random = self.random
        what, chance = random.choice(names.FILES), random.random()
        if sent.sender.customers and random.random() < 0.005:
            what = f"{random.choice(random.choice(sent.sender.customers).words)}_{what}"  # meant so: an example
        elif sent.customer is not None and chance < 0.4:
            what = f"{random.choice(sent.customer.words)}_{what}"
        elif sent.project is not None and chance < 0.5:
            what = f"{sent.project.name}_{what}"
        return f"{what}{random.choice(('', '_v2', '_최종', '_1202', ' (1)'))}.{random.choice(('xlsx', 'pdf', 'hwp', 'docx'))}"

    def greeting(self, sent: Sent, language: str) -> list[str]:
        """Return the first lines of a letter."""
        random = self.random
        if not sent.to or len(sent.to) > 3:
            return [
                random.choice(
                    ("안녕하세요.", "안녕하십니까.", "여러분 안녕하세요.", "팀원 여러분,", "수고 많으십니다.")
                )
            ]
        if language == "ja":
            return self._japanese(sent.to[0])
        if language == "en":
            given, _, surname = sent.to[0].name.partition(" ")
            return [
                random.choice(
                    (
                        f"Dear {given},",
                        f"Hi {given},",
                        f"Dear Mr. {surname},",
                        "Hello,",
                        "Dear Sir or Madam,",
                        "Dear all,",
                    )
                )
            ]
        people = sent.to if random.random() < 0.8 else [random.choice(sent.everybody)]
        if any(one.customer is not None and one.customer.language != "ko" for one in people):
            return ["안녕하세요."]
        chance = random.random()
        if chance < 0.30:
            return [
                random.choice(
                    ("안녕하세요.", "담당자님 안녕하세요.", "수고하십니다.", "안녕하십니까, 한울테크입니다.", "")
                )
            ]
        said = ", ".join(self._called(one) for one in people)
        company = people[0].customer
        if company is not None and chance < 0.5:
            said = f"{company.words[0]} {said}"
        return random.choice(
            ([f"{said},", "안녕하세요."], [f"안녕하세요, {said}."], [said], [f"{said} 안녕하세요."], [f"{said}께"])
        )

    def _called(self, one: Worker) -> str:
        random = self.random
        title = one.called if random.random() < 0.985 else random.choice(names.TITLES)
        form = random.random()
        if form < 0.45:
            return f"{one.name[0]} {title}님"
        if form < 0.60:
            return f"{one.name[0]}{title}님"
        if form < 0.78:
            return f"{one.name} {title}님"
        if form < 0.93:
            return f"{one.name}님"
        return f"{title}님"

    def _japanese(self, one: Worker) -> list[str]:
        surname = one.name.partition(" ")[0]
        company = one.customer.words[0] if one.customer is not None else ""
        honour = one.title if one.title and self.random.random() < 0.3 else "様"
        return self.random.choice(
            (
                [f"株式会社{company}", f"{surname}{honour}"],
                [f"{surname}{honour}"],
                [f"{company} {surname}{honour}"],
                ["お世話になっております。"],
                ["ご担当者様"],
                [f"{surname}さん"],
            )  # fmt: skip
        )
