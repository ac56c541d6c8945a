"""At a start: is the database the one that was here last, or one from before?"""

from contextlib import suppress

from smartmail.app.node import Node
from smartmail.domain.errors import MailError


async def look_back(node: Node) -> list[str]:
    """Return what the administrator must know where records are missing that were there; log and record are told too."""
    with suppress(MailError):  # a full disk: the daily check compares too
        found = await node.services.audit.rolled_back()
        if found:
            ends = ", ".join(f"{one.organization_id}:{one.seq}" for one in found)
            said = (
                f"Records that were here before are missing (chain:link {ends}). After a restore from a backup this is as it "
                "must be; otherwise somebody has put an older database back. ./smartmail audit verify shows what is there."
            )
            return [said]
    return []
