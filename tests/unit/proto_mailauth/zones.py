"""Name services out of tables, for tests of the arithmetic."""

from smartmail.proto.mailauth.asking import TemporaryLookupError


class Table:
    """`zone`: name → kind → data. The data "away" is a server that does not answer. `asked` keeps the questions."""

    def __init__(self, zone: dict[str, dict[str, list[str] | str]]) -> None:
        self.zone = zone
        self.asked: list[tuple[str, str]] = []

    async def ask(self, name, kind):
        self.asked.append((name, kind))
        data = self.zone.get(name.lower().rstrip("."), {}).get(kind, [])
        if data == "away":
            raise TemporaryLookupError(name)
        return data if isinstance(data, list) else [data]

    async def texts(self, name):
        return await self.ask(name, "TXT")


def table(**names: str) -> Table:
    """Return a table of TXT records; `_` in a name stands for a dot, `__` for itself."""
    return Table({name: {"TXT": [text]} for name, text in names.items()})
