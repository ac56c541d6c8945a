"""Objections: mail that has left and whose reviewer objects (사후승인) is an incident for officers, with what was kept of it."""

from smartmail.domain.leaks import EXITS, Exit, IncidentRow
from smartmail.service.flow.approvals.reading import HeldLetters
from smartmail.service.flow.approvals.texts import Approval
from smartmail.service.protection.leaks import Incidents


class Objections:
    """Makes incidents of them."""

    def __init__(self, reading: HeldLetters, incidents: Incidents) -> None:
        self._reading = reading
        self._incidents = incidents

    async def incident(self, one: Approval, objection: str) -> IncidentRow | None:
        """Return the incident, to be committed with the decision; None for mail that is not of a person of ours."""
        row, text = one.row, one.text
        if row.account_id is None:
            return None
        letter = await self._reading.kept(row)
        exit_: Exit = next((way for way in EXITS if way == text.exit), "web")
        return await self._incidents.objected(
            row.account_id, text.sender, () if letter is None else letter.recipients, text.subject, text.size, text.reason,
            objection, exit_, text.rule, () if letter is None else tuple(file.name for file in letter.files),
        )  # fmt: skip
