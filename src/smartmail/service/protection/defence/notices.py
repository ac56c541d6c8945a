"""What defence did to an account, as notifications to its owner and to the administrators, each in their language.

A notification that fails is logged alone.
"""

from collections.abc import Mapping

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.service.kernel.notifications import Notices


class StopNotices:
    """Notifications of a stop of sending and of its release."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def sending_stopped(
        self, account: Account, held: int, evidence: Mapping[str, int], *, may_release: bool
    ) -> None:
        """Notify of a stop; `held` messages wait, `evidence` counts each sign."""
        readers = await self._notices.administrators(account.organization_id, but=account.id)
        for reader, role in ((account, "owner"), *((one, "administrator") for one in readers)):
            language = reader.language or "ko"
            signs = "\n".join(
                "- " + translate(language, f"defence.sign.{name}", count=str(count)) for name, count in evidence.items()
            )
            text = translate(
                language, f"defence.sending.{role}", address=account.login, held=str(held), signs=signs or "-"
            )
            if role == "owner" and may_release:
                text += "\n\n" + translate(language, "defence.sending.own")
            subject = translate(language, "defence.sending.subject", address=account.login)
            try:
                await self._notices.send(reader, subject, text)
            except MailError as error:
                log.event("defence.action_failed", error=type(error).__name__, detail=error.detail)
        self._notices.queued()

    async def sending_released(self, account: Account, freed: int) -> None:
        """Notify that the owner released a stop; `freed` messages go on."""
        for reader in (account, *await self._notices.administrators(account.organization_id, but=account.id)):
            language = reader.language or "ko"
            subject = translate(language, "defence.released.subject", address=account.login)
            text = translate(language, "defence.released", address=account.login, freed=str(freed))
            try:
                await self._notices.send(reader, subject, text)
            except MailError as error:
                log.event("defence.action_failed", error=type(error).__name__, detail=error.detail)
        self._notices.queued()
