"""S/MIME: signatures of messages judged against the roots that the system and each organisation trust (RFC 9219)."""

from smartmail.service.flow.smime.inspector import SmimeInspector
from smartmail.service.flow.smime.service import SmimeService, SmimeState
from smartmail.service.flow.smime.trust import RootRow, TrustService

__all__ = ["RootRow", "SmimeInspector", "SmimeService", "SmimeState", "TrustService"]
