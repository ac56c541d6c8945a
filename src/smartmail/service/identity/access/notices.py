"""Mail of the house about access: refusals, new countries, impossible journeys, travel passes.

Times are told in the time of Korea (+09:00), places as two letters of the country and the address.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.access import Place, TravelPass, Visit
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.push import Hints

KOREA: Final = timezone(timedelta(hours=9))


class AccessNotices:
    """Words them and sends them, each in the language of its reader. What fails is logged alone."""

    def __init__(self, notices: Notices, hints: Hints) -> None:
        self._notices = notices
        self._hints = hints

    async def denied(self, account: Account, origin: Origin, place: Place, now: int) -> None:
        """The right secret, refused for the place or the time."""
        await self._send(account, "denied", place=_where(place, origin), door=origin.door, at=_when(now))

    async def noticed(self, account: Account, origin: Origin, place: Place, now: int) -> None:
        """A login that a rule lets in but wants to be told."""
        await self._send(account, "notify", place=_where(place, origin), door=origin.door, at=_when(now))

    async def new_country(self, account: Account, origin: Origin, place: Place, now: int) -> None:
        """The first login from a country."""
        await self._send(account, "country", place=_where(place, origin), door=origin.door, at=_when(now))

    async def travelled(self, account: Account, origin: Origin, before: Visit, place: Place, now: int) -> None:
        """Two logins that no journey lies between."""
        await self._send(
            account, "travel", place=_where(place, origin), before=before.country, since=_when(before.at),
            door=origin.door, at=_when(now),
        )  # fmt: skip

    async def pass_asked(self, account: Account, asked: TravelPass, reason: str) -> None:
        """Whoever administers the company hears that a pass waits."""
        for reader in await self._notices.administrators(asked.organization_id, but=account.id):
            await self._send(
                reader, "pass-asked", name=account.name, address=account.login, reason=reason, number=str(asked.id),
                **_days(asked),
            )  # fmt: skip

    async def pass_decided(self, account: Account, decided: TravelPass) -> None:
        """The asker hears what became of it."""
        await self._send(account, f"pass-{decided.state}", **_days(decided))

    async def pass_ending(self, account: Account, ending: TravelPass) -> None:
        """The day before its end."""
        await self._send(account, "pass-ending", **_days(ending))

    async def broken_glass(self, account: Account, actor: Actor, until: int) -> None:
        """All administrators hear that one of them is let in against the rules, that one too."""
        by = actor.login or actor.named
        for reader in [account, *await self._notices.administrators(account.organization_id, but=account.id)]:
            await self._send(reader, "break-glass", address=account.login, by=by, until=_when(until))

    async def glass_ended(
        self, account: Account, by: str, span: tuple[int, int], reason: str, logins: Sequence[str], acts: Sequence[str]
    ) -> None:
        """All administrators hear what came of it."""
        words = {
            "address": account.login, "by": by, "since": _when(span[0]), "until": _when(span[1]), "reason": reason or "-",
            "logins": "\n".join(f"- {one}" for one in logins) or "-", "acts": "\n".join(f"- {one}" for one in acts) or "-",
        }  # fmt: skip
        for reader in [account, *await self._notices.administrators(account.organization_id, but=account.id)]:
            await self._send(reader, "glass-report", **words)

    async def _send(self, reader: Account, kind: str, **words: str) -> None:
        language = reader.language or "ko"
        subject = translate(language, f"access.{kind}.subject", **words)
        text = translate(language, f"access.{kind}.text", **words)
        try:
            await self._notices.send(reader, subject, text)
        except MailError as error:
            log.event("access.notify_failed", kind=kind, error=type(error).__name__, detail=error.detail)
        self._hints.queue_changed()


def _where(place: Place, origin: Origin) -> str:
    return f"{place.country} ({origin.address})" if place.country else origin.address


def _when(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(KOREA).strftime("%Y-%m-%d %H:%M:%S +09:00")


def _days(one: TravelPass) -> dict[str, str]:
    return {"country": one.country, "since": _when(one.valid_from), "until": _when(one.valid_until)}
