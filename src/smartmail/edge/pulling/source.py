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
        kind = Pop3Session if place.protocol == "pop3" else ImapSession
        session = kind(place, *await self._reach.connect(place))
        try:
            await session.prepare(self._reach)
        except BaseException as error:
            session.abort()
            if isinstance(error, LocalProtocolError | ValueError):
                raise PullFailed("protocol", str(error)) from error
            raise
        return session
