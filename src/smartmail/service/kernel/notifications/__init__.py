"""Notifications: mail of the installation to people about what concerns them.

NAME       notifications
PURPOSE    One way to write a notification and to queue it, and one list of the administrators who get those of an organization.
PARTS      notices: writing, queueing, administrators. What a notification says stays with the service that it is about
           (defence.notices, access.notices, proposals.telling): those take `Notices` and hold no other way to the queue.
LIMITS     ADMINISTRATORS_MOST readers of one notification.
FAILURE    StorageFull or Unavailable is raised to the service, which logs its own event: a notification that fails stops nothing.
Must not know: any event that it is about.
"""

from smartmail.service.kernel.notifications.notices import ADMINISTRATORS_MOST, Notices

__all__ = ["ADMINISTRATORS_MOST", "Notices"]
