"""Big files (대용량첨부) whose links still give."""

from smartmail.domain.account import Account
from smartmail.domain.account_life import Choice, Holding
from smartmail.domain.big_files import BigFile, BigLink
from smartmail.formats.seal import SealError
from smartmail.service.mailbox.big_files.texts import FileKeys
from smartmail.service.people.account_life.holdings.base import HoldingType, holding


class LinkedFiles(HoldingType):
    """Files that others can fetch by a link. Handed over, their links go on; ended, they give nothing from then on."""

    async def find(self, account: Account) -> list[Holding]:
        """Return the files with a link that lives; of one whose key is gone the name is not known."""
        keys = FileKeys(self._ground.keyring, self._ground.clock)
        alive = {link.file_id for link in await self._alive(account)}
        found = []
        for row in await self._store.big_files(account.id):
            if row.id in alive:
                try:
                    name = (await keys.open(row)).text.name
                except SealError:
                    name = ""
                found.append(holding("big-file", row.id.hex(), name, "hand", "end"))
        return found

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Wrap the file's key for the successor, or revoke its links."""
        row = await self._store.big_file(bytes.fromhex(one.thing))
        if row is None or row.account_id != account.id:
            return
        if choice == "hand" and successor is not None:
            await self._hand(account, row, successor)
            return
        now = self._ground.clock.now()
        for link in await self._alive(account):
            if link.file_id == row.id:
                await self._store.change_big_link(
                    link.id, expires_at=link.expires_at, most=link.most, revoked_at=now, sealed=link.sealed,
                    audit=self._ground.record(self.house(account), "big-link.revoke", f"big-link:{link.id.hex()}"),
                )  # fmt: skip

    async def _hand(self, account: Account, row: BigFile, successor: Account) -> None:
        keys = FileKeys(self._ground.keyring, self._ground.clock)
        opened = await keys.open(row)
        wrapped = await keys.wrapped(successor, row.id, opened.keys.key)
        await self._store.hand_big_file(row.id, account.id, successor.id, wrapped)

    async def _alive(self, account: Account) -> list[BigLink]:
        now = self._ground.clock.now()
        return [
            link for link in await self._store.big_links(account.id) if not link.revoked_at and link.expires_at > now
        ]
