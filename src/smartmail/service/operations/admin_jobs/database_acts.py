"""Care of the database as work of the admin API: checked, counted anew, room given back, written anew.

Each asks again for its right (service.operations.database_care).
"""

from typing import Any, Final

from smartmail.domain.errors import Invalid
from smartmail.domain.principal import Actor
from smartmail.service.operations.admin_jobs.jobs import JobProgress
from smartmail.service.operations.database_care import KINDS, DatabaseCareService

DATABASE_CARE: Final = "database.care"


class DatabaseActs:
    """Does them."""

    def __init__(self, care: DatabaseCareService) -> None:
        self._care = care

    async def work(self, actor: Actor, request: dict[str, Any], progress: JobProgress) -> dict[str, Any]:
        """Do one."""
        kind = next((one for one in KINDS if one == request["act"]), None)
        if kind is None:
            raise Invalid("there is no such act", reason="act.unknown")
        done = await self._care.act(actor, kind, progress.note)
        return {
            "act": kind, "good": done.good, "seconds": done.seconds, "spared": done.spared, "troubles": done.troubles,
            "findings": list(done.findings),
        }  # fmt: skip
