"""ports.pull_source.PullSource over the network."""

from smartmail.domain.pulls import PullFailed, PullPlace
from smartmail.edge.pulling.imap_session import ImapSession
from smartmail.edge.pulling.pop3_session import Pop3Session
from smartmail.edge.pulling.reaching import Reach
from smartmail.proto.lineio import LocalProtocolError


class NetworkSource:
    """Opens mailboxes at other providers."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    async def open(self, place: PullPlace) -> Pop3Session | ImapSession:
        """Connect, secure and log in. Raises PullFailed."""
        try:
            kind = Pop3Session if place.protocol == "pop3" else ImapSession
            return await kind.open(self._reach, place)
        except (LocalProtocolError, ValueError) as error:
            raise PullFailed("protocol", str(error)) from error
