"""A house with a tree of people whose mail waits for approvals, and short ways to ask and to look."""

import contextlib
from pathlib import Path

from tests.flows.house import compose_house
from tests.flows.queue_house import rows_of

from smartmail.domain.addressing import ApprovalText
from smartmail.domain.approving import Line, Step, Who
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.organization import Step as Change
from smartmail.domain.organization import Wanted, WantedSeat
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.envelope import Envelope, Recipient
from smartmail.service.kernel.letter_entries import LetterEntries
from smartmail.service.mailbox.secure_mail import SecureOptions

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
DIGEST = bytes(range(32))
HOUR = 3_600_000
PEOPLE = {
    "kim": ("영업1팀", ""), "lee": ("영업1팀", "팀장"), "park": ("영업본부", "본부장"), "choi": ("영업2팀", "팀장"),
}  # fmt: skip


class ApprovalHouse:
    """`kim` works for `lee` (팀장), who works for `park` (본부장); `choi` leads another team, `boss` is an administrator."""

    def __init__(self, house, company) -> None:
        self.house = house
        self.company = company
        self.approvals = house.services.addressing.approvals
        self.jobs = {job.name: job.work for job in house.services.jobs}

    def account(self, name: str):
        return self.house.accounts[f"{name}@a.example"]

    def id(self, name: str) -> int:
        return self.account(name).id

    def actor(self, name: str) -> Actor:
        account = self.account(name)
        return Actor(account.id, account.organization_id, account.login, account.is_admin, Origin("web", "10.0.0.1"))

    async def line(self, *steps: Step, name: str = "결재", **facts) -> None:
        await self.approvals.lines.put(CLI, self.company, Line(name, steps or (Step(Who("manager")),), **facts))

    async def ask(
        self, sender: str = "kim", line: str = "결재", *, held: bool = True, to: tuple[str, ...] = ("out@b.example",),
        secure: SecureOptions | None = None,
    ) -> int:  # fmt: skip
        """Hold a mail and ask; return the approval's id. `secure`: as what it is to leave."""
        house, login = self.house, f"{sender}@a.example"
        blob = await house.services.queue._blobs.store(self.company, b"Subject: x\r\n\r\nbody\r\n")
        letters = house.services.secure_mail.letters
        waits = b"" if secure is None else await letters.waits(self.id(sender), secure, to)
        entries = LetterEntries(house.services.queue._keyring, self.approvals._clock)
        entry = await entries.entry(
            blob, Envelope(login, secure=waits), [Recipient(one) for one in to], account_id=self.id(sender),
            hold="approval" if held else None,
        )  # fmt: skip
        text = ApprovalText(login, "견적서", "leak", 1, 20, ("주민등록번호 900101-1******",))
        row = await self.approvals.question(
            self.company, "leak", login, self.id(sender), entry.id, text, line=line, digest=DIGEST
        )
        await self.approvals.ask(row, entry, text, ())
        [made] = await house.store.approving.about([entry.id])
        return made.id

    async def state(self, number: int) -> str:
        return (await self.house.store.approving.one(number)).state

    async def mail(self, number: int) -> set[str]:
        """Return in which states the recipients of the mail are; none where it is gone."""
        row = await self.house.store.approving.one(number)
        return {one.state for one, _result in (await rows_of(self.house)).get(row.entry_id, ())}

    async def acts(self, number: int) -> list[tuple[str, int, int]]:
        return [(one.act, one.account_id, one.by_id) for one in await self.house.store.approving.acts([number])]

    async def letters(self) -> int:
        """Return how many letters of the house are on their way."""
        return sum(entry.account_id is None for entry, _rows in await self.house.store.queue_entries(1000))


@contextlib.asynccontextmanager
async def approval_house(directory: Path):
    """Open the house; one that is there is opened again."""
    directory.mkdir(exist_ok=True)
    async with compose_house(directory) as house:
        company = await house.services.provisioning.organization("test")
        with contextlib.suppress(AlreadyExists):
            await house.services.directory.add_domain("a.example", company)
        found = {one.login: one for one in await house.store.accounts(company)}
        if found:
            house.accounts |= found
            yield ApprovalHouse(house, company)
            return
        office = ApprovalHouse(house, company)
        await furnish(office)
        await house.person("boss@a.example", is_admin=True)
        yield office


async def furnish(office: ApprovalHouse) -> None:
    """Make the departments, and the people in them."""
    organization, company = office.house.services.organization, office.company
    await organization.titles.set_order(CLI, company, "duty", ["본부장", "팀장"])
    head = await organization.departments.create(CLI, company, "영업본부")
    for team in ("영업1팀", "영업2팀"):
        await organization.departments.create(CLI, company, team, parent_id=head.id)
    for name, seat in PEOPLE.items():
        login = f"{name}@a.example"
        account = office.house.accounts.get(login) or await office.house.person(login)
        wanted = Wanted(login=account.login, seats=(WantedSeat(*seat),))
        await organization.people.perform(CLI, Change(kind="change", account_id=account.id, wanted=wanted))
