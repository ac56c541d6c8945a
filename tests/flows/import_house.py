"""A quiet house with a company of some departments and titles, and short words for imports."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.unit.service_import.quiet_house import QuietHouse, quiet_house

from smartmail.domain.directory_import import ImportRow
from smartmail.domain.principal import Actor, Origin
from smartmail.service.people.directory_import import Options, Report, Source

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))  # type: ignore[arg-type]
REASON = "연말 조직 점검을 위한 반출"


@dataclass
class Company:
    """The company, and what a test does with it."""

    house: QuietHouse
    id: Any

    @property
    def imports(self) -> Any:
        return self.house.services.directory_imports.imports

    def source(self, text: str, kind: str = "people", columns: dict[str, str] | None = None, **how: Any) -> Source:
        return Source(kind, text.encode(), "", columns or {}, Options(**how))  # type: ignore[arg-type]

    async def dry(self, text: str, kind: str = "people", **how: Any) -> Report:
        return await self.imports.dry_run(CLI, self.id, self.source(text, kind, **how))  # type: ignore[no-any-return]

    async def begun(self, text: str, kind: str = "people", **how: Any) -> ImportRow:
        chosen = {name: how.pop(name) for name in ("sure", "partly") if name in how}
        row, _ = await self.imports.begin(CLI, self.id, self.source(text, kind, **how), **chosen)
        return row  # type: ignore[no-any-return]

    async def take(self, text: str, kind: str = "people", **how: Any) -> ImportRow:
        row = await self.begun(text, kind, **how)
        return await self.imports.run(CLI, row.id)  # type: ignore[no-any-return]

    async def undo(self, row: ImportRow) -> ImportRow:
        return await self.imports.undo(CLI, row.id)  # type: ignore[no-any-return]

    async def account(self, login: str) -> Any:
        return next((one for one in await self.house.store.accounts(self.id) if one.login == login), None)

    async def table(self, kind: str = "people") -> str:
        exports = self.house.services.directory_imports.exports
        return (await exports.export(CLI, self.id, kind, REASON)).octets.decode("utf-8-sig")  # type: ignore[arg-type]

    async def snapshot(self) -> tuple[Any, ...]:
        """Return all that imports may change."""
        return tuple([await self.table(kind) for kind in ("people", "departments", "groups", "aliases", "domains")])


@contextlib.asynccontextmanager
async def company(directory: Path) -> AsyncIterator[Company]:
    """Open a company with departments 영업본부/영업1팀 (S, S1) and 지원실, positions 부장 과장 사원, duty 팀장."""
    async with quiet_house(directory / "house") as house:
        home = (await house.services.directory.organizations())[0].id
        organization = house.services.organization
        top = await organization.departments.create(CLI, home, "영업본부", code="S")
        await organization.departments.create(CLI, home, "영업1팀", code="S1", parent_id=top.id)
        await organization.departments.create(CLI, home, "지원실")
        await organization.titles.set_order(CLI, home, "position", ("부장", "과장", "사원"))
        await organization.titles.set_order(CLI, home, "duty", ("팀장",))
        yield Company(house, home)
