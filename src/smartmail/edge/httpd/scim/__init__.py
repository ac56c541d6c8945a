"""SCIM 2.0 (RFC 7643, RFC 7644) on the admin host: personnel systems and sign-on services keep people and groups here.

`door.py` gives the routes; `serving.py` finds the resource, proves the key, tells errors; `people.py` (its Users) and `groups.py` are the
two resources; `discovery.py` what the server says of itself.
"""

from smartmail.edge.httpd.scim.door import ScimDoor

__all__ = ["ScimDoor"]
