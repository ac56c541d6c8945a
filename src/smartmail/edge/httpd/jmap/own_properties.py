"""Properties of Email of our own: they are there for who names our capability, and are looked up for all objects of an
answer at once.
"""

from typing import TypeVar

import msgspec

from smartmail.edge.httpd.jmap.context import Call
from smartmail.proto.jmap.emails import EmailGetArguments
from smartmail.proto.jmap.session import OWN

A = TypeVar("A", bound=EmailGetArguments)


def parted(call: Call, arguments: A, name: str) -> tuple[A, bool]:
    """Return the arguments without a property, and whether it was asked for."""
    asked = arguments.properties
    if asked is None or name not in asked or OWN not in call.using:
        return arguments, False
    return msgspec.structs.replace(arguments, properties=[one for one in asked if one != name]), True
