"""A company of some hundred people and its customers, and how both change while letters are sent."""

from dataclasses import dataclass, field
from random import Random

from tests.misdelivery import names

from smartmail.formats.person_names import romanise

HOME = "hanul-tech.co.kr"
FREE_MAIL = ("naver.com", "gmail.com", "daum.net")


@dataclass(eq=False)
class Worker:
    """Somebody of the company, or of a customer. `called`: the title by which others know them, which lags behind."""

    name: str
    address: str
    title: str
    department: str = ""
    customer: "Customer | None" = None
    called: str = ""
    shown: str = ""
    """What the headers of letters to them call them; people outside only."""

    def __post_init__(self) -> None:
        self.called = self.called or self.title


@dataclass(eq=False)
class Customer:
    """A company outside. `words`: what people call it in letters."""

    words: tuple[str, ...]
    domain: str
    language: str
    scheme: int
    people: list[Worker] = field(default_factory=list[Worker])


@dataclass(eq=False)
class Project:
    """People who write to each other about one thing, perhaps with a customer."""

    name: str
    members: list[Worker]
    customer: Customer | None = None


@dataclass(eq=False)
class Sender:
    """A worker with habits: whom they write to, with weights that fall fast."""

    worker: Worker
    close: list[Worker]
    customers: list[Customer]
    projects: list[Project]
    activity: float
    contacts: dict[str, list[Worker]] = field(default_factory=dict[str, list[Worker]])
    """Of a customer: those whom this sender deals with, the main one first."""
    written: dict[str, Worker] = field(default_factory=dict[str, Worker])


class Company:
    """Made of a seed."""

    def __init__(self, seed: int, people: int = 500, customers: int = 300) -> None:
        self.random = Random(seed)
        self._taken: set[str] = set()
        self.domains: set[str] = set()
        self.workers = [self._worker(names.DEPARTMENTS[at * len(names.DEPARTMENTS) // people]) for at in range(people)]
        self.customers = [self.new_customer() for _ in range(customers)]
        self.projects = [self._project() for _ in range(max(4, people // 8))]
        self.senders = [self._sender(one) for one in self.workers]
        self.by_name: dict[str, list[Worker]] = {}
        for one in (*self.workers, *(who for customer in self.customers for who in customer.people)):
            self.by_name.setdefault(one.name, []).append(one)

    # -- people ---------------------------------------------------------------------------------------------------------

    def _address(self, name: str, domain: str, scheme: int) -> str:
        local = names.local_part(self.random, name, scheme)
        number, address = 1, f"{local}@{domain}"
        while address in self._taken:
            number += 1
            address = f"{local}{number}@{domain}"
        self._taken.add(address)
        return address

    def _worker(self, department: str) -> Worker:
        name = names.korean_name(self.random)
        title = self.random.choices(names.TITLES, (30, 25, 20, 12, 9, 4))[0]
        return Worker(name, self._address(name, HOME, 0), title, department)

    def new_customer(self) -> Customer:
        """Make a customer with people; some share a domain of free mail."""
        random = self.random
        language = random.choices(("ko", "ja", "en"), (68, 18, 14))[0]
        words, domain = getattr(self, f"_{language}_company")()
        if language == "ko" and random.random() < 0.06:
            domain = random.choice(FREE_MAIL)
        elif domain in self.domains:
            domain = f"{domain.partition('.')[0]}{random.randrange(10, 99)}.{domain.partition('.')[2]}"
        self.domains.add(domain)
        customer = Customer(words, domain, language, random.randrange(4))
        for _ in range(random.choices((1, 2, 3, 4, 6, 9), (10, 25, 25, 20, 12, 8))[0]):
            self.new_contact(customer)
        return customer

    def _ko_company(self) -> tuple[tuple[str, ...], str]:
        head, (tail, latin) = self.random.choice(names.COMPANY_HEADS), self.random.choice(names.COMPANY_TAILS)
        sound = romanise(head)
        form = self.random.randrange(5)
        label = (
            sound,
            sound + latin,
            f"{sound}-{latin}",
            sound[:1] + latin,
            f"{sound[:2]}{latin[:2]}{self.random.randrange(10)}",
        )[form]
        words = (head + tail,) if self.random.random() < 0.7 else (head + tail, head)
        return words, f"{label}.{self.random.choice(('co.kr', 'com', 'kr'))}"

    def _ja_company(self) -> tuple[tuple[str, ...], str]:
        head, (tail, latin) = self.random.choice(names.JA_COMPANIES), self.random.choice(names.JA_TAILS)
        label = (
            f"{self.random.choice('abcdefghkmnst')}{self.random.choice('aeiou')}{self.random.choice('kmnrst')}{latin}"
        )
        return (head + tail,), f"{label}.{self.random.choice(('co.jp', 'jp'))}"

    def _en_company(self) -> tuple[tuple[str, ...], str]:
        name = self.random.choice(names.LATIN_COMPANIES)
        return (name,), f"{name.lower()}{self.random.choice(('', '-group', 'inc', 'corp'))}.com"

    def new_contact(self, customer: Customer) -> Worker:
        """Make somebody who works at a customer."""
        random = self.random
        if customer.language == "ja":
            name = f"{random.choice(names.KANJI_SURNAMES)} {random.choice(names.KANJI_GIVEN)}"
            title = random.choice(names.JA_TITLES)
        elif customer.language == "en":
            name, title = f"{random.choice(names.LATIN_GIVEN)} {random.choice(names.LATIN_SURNAMES)}", ""
        else:
            name, title = names.korean_name(random), random.choice(names.TITLES)
        one = Worker(name, self._address(name, customer.domain, customer.scheme), title, "", customer)
        one.shown = self._shown(one, customer)
        customer.people.append(one)
        if hasattr(self, "by_name"):
            self.by_name.setdefault(name, []).append(one)
        return one

    def _shown(self, one: Worker, customer: Customer) -> str:
        chance = self.random.random()
        if chance < 0.18:
            return ""
        if customer.language == "ko":
            if chance < 0.30:
                return f"{one.name} {one.title}"
            if chance < 0.38:
                return f"{customer.words[0]} {one.name}"
            if chance < 0.45:
                return f"{romanise(one.name[1:]).title()} {romanise(one.name[0]).title()}"
        return one.name

    # -- habits ---------------------------------------------------------------------------------------------------------

    def _project(self) -> Project:
        random = self.random
        size = random.choices((3, 5, 8, 12, 18), (20, 30, 30, 15, 5))[0]
        customer = random.choice(self.customers) if random.random() < 0.4 else None
        name = random.choice(names.PROJECTS) + random.choice(("", "", "2", " TF"))
        return Project(name, random.sample(self.workers, min(size, len(self.workers))), customer)

    def _sender(self, worker: Worker) -> Sender:
        random = self.random
        team = [one for one in self.workers if one.department == worker.department and one is not worker]
        close = random.sample(team, min(len(team), random.randint(3, 9))) + random.sample(
            self.workers, random.randint(2, 7)
        )
        close = [one for one in dict.fromkeys(close) if one is not worker]
        selling = worker.department in names.SELLERS
        customers = random.sample(
            self.customers, random.randint(3, 10) if selling else random.choice((0, 0, 1, 1, 2, 3))
        )
        projects = [one for one in self.projects if worker in one.members]
        sender = Sender(worker, close, customers, projects, random.lognormvariate(0, 0.7))
        for one in (*customers, *(project.customer for project in projects if project.customer)):
            self.meet(sender, one)
        return sender

    def meet(self, sender: Sender, customer: Customer) -> None:
        """Let a sender deal with some people of a customer."""
        people = list(customer.people)
        self.random.shuffle(people)
        sender.contacts.setdefault(customer.domain + customer.words[0], people[: self.random.randint(1, 4)])

    # -- time -----------------------------------------------------------------------------------------------------------

    def pass_time(self) -> None:
        """Let something change now and then; called once for each letter. 500 people send 100,000 letters in about a month, in which
        400 meet a customer and 600 a person who are new to them, 60 projects begin, 40 people move and 40 are promoted.
        """
        random, scale = self.random, 500 / len(self.workers)
        chance = random.random() * scale
        if chance < 0.004:
            self._acquire(random.choice(self.senders))
        elif chance < 0.0046:
            self._found(self._project())
        elif chance < 0.005:
            self._move(random.choice(self.senders))
        elif chance < 0.0054:
            one = random.choice(self.workers)
            one.title = names.TITLES[min(len(names.TITLES) - 1, names.TITLES.index(one.title) + 1)]
        elif chance < 0.0074:
            one = random.choice(self.workers)
            one.called = one.title
        elif chance < 0.0134:
            self._widen(random.choice(self.senders))

    def _acquire(self, sender: Sender) -> None:
        """Let a sender deal with another customer, new to the company or not."""
        customer = self.random.choice(self.customers)
        if self.random.random() < 0.3:
            customer = self.new_customer()
            self.customers.append(customer)
        if customer not in sender.customers:
            sender.customers.append(customer)
            self.meet(sender, customer)

    def _widen(self, sender: Sender) -> None:
        """Let a sender deal with one more person of a customer."""
        if not sender.customers:
            return
        customer = self.random.choice(sender.customers)
        people = sender.contacts.get(customer.domain + customer.words[0])
        if people is not None:
            people.append(
                self.new_contact(customer) if self.random.random() < 0.4 else self.random.choice(customer.people)
            )

    def _found(self, project: Project) -> None:
        self.projects.append(project)
        for sender in self.senders:
            if sender.worker in project.members:
                sender.projects = [*sender.projects[-3:], project]
                if project.customer is not None:
                    self.meet(sender, project.customer)

    def _move(self, sender: Sender) -> None:
        random = self.random
        sender.worker.department = random.choice(names.DEPARTMENTS)
        team = [one for one in self.workers if one.department == sender.worker.department and one is not sender.worker]
        sender.close = random.sample(team, min(len(team), random.randint(3, 8))) + random.sample(
            sender.close, min(3, len(sender.close))
        )
