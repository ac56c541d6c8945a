"""Mail without a script: /basic, plain forms for old browsers and for text browsers.

A face over the same methods that the webmail calls (`edge.httpd.jmap`), so that rights, policy, audit and limits are
those of the webmail; sessions are the webmail's own. Knows nothing of the store. Read `door` first.
"""

from smartmail.edge.httpd.basic.door import BasicDoor

__all__ = ["BasicDoor"]
