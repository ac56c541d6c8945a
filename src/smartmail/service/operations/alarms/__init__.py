"""Alarms: what an administrator must know before people notice.

NAME        alarms
PURPOSE     Conditions are data (conditions.py); a job measures (measures.py), compares, keeps what stands, and tells.
STATES      of an alarm: standing (told or silent), acknowledged, ended.
STRATEGIES  One row for a condition and its subject while it stands. It is told when it begins and when it gets worse, again
            after the quiet period until somebody acknowledges it, and when it is over. What comes back within the quiet
            period is the same alarm and is not told anew: a value that swings about its bound rings once.
            Every change is an audit record: webhooks and collectors hear of it as of everything else.
LIMITS      ADMINISTRATORS_MOST administrators (service.kernel.notifications); KEPT of ended alarms.
FAILURE     What cannot be measured stays as it was. What says that mail does not get out is handed to a relay past the queue
            where one is named, else put into the queue like the rest. A telling that fails is tried again with the next look.
SECURITY    Numbers, names of conditions, ids. The relay gets the house's own words only.
PARTS       conditions, measures, telling, metrics, service.
Must not know how a value is stored or a mail is sent.
"""

from smartmail.service.operations.alarms.measures import Measures, Watched
from smartmail.service.operations.alarms.metrics import MetricsService
from smartmail.service.operations.alarms.parts import AlarmServices
from smartmail.service.operations.alarms.service import Alarming
from smartmail.service.operations.alarms.telling import Telling

__all__ = ["AlarmServices", "Alarming", "Measures", "MetricsService", "Telling", "Watched"]
