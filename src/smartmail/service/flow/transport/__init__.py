"""How mail is secured on its way to other hosts: what is demanded of each, what came of it, what others are told of it.

`service` answers the relay; `dane` and `sts` ask the world what a domain wants, `rules` what our administrators want;
`reports` tells other domains once a day. Must not know sockets: `edge.relay.connection` does what the terms say.
"""

from smartmail.service.flow.transport.reports import TlsReportService
from smartmail.service.flow.transport.rules import TransportRules
from smartmail.service.flow.transport.service import TransportService

__all__ = ["TlsReportService", "TransportRules", "TransportService"]
