"""What commands and tests there are, their arguments, and which extension each belongs to. Data only.

The checker walks these tables; a test demands that the interpreter has every name in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Arg(Enum):
    """Kinds of arguments; the value is the key of the problem when another kind is given."""

    STRING = "takes-string"
    STRINGS = "takes-strings"
    NUMBER = "takes-number"
    NONE = ""


@dataclass(frozen=True, slots=True)
class TagSpec:
    """A tag: the kind of its value, the extension it belongs to, and a group of which only one may be given."""

    value: Arg = Arg.NONE
    extension: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """A command or test. `leading` and `trailing` are an optional first and last argument; `tests` −1 stands for a list of any length."""

    extension: str = ""
    values: tuple[Arg, ...] = ()
    tags: Mapping[str, TagSpec] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    """Tags of which one must be given."""
    leading: Arg | None = None
    trailing: Arg | None = None
    tests: int = 0
    block: bool = False


def _tag(value: Arg = Arg.NONE, extension: str = "", group: str = "") -> TagSpec:
    return TagSpec(value, extension, group)


S, L, N = Arg.STRING, Arg.STRINGS, Arg.NUMBER

MATCH: Final = {
    "is": _tag(group="match"),
    "contains": _tag(group="match"),
    "matches": _tag(group="match"),
    "regex": _tag(extension="regex", group="match"),
    "value": _tag(S, "relational", "match"),
    "count": _tag(S, "relational", "match"),
    "list": _tag(extension="extlists", group="match"),
    "comparator": _tag(S, group="comparator"),
}
ADDRESS_PART: Final = {
    "all": _tag(group="part"),
    "localpart": _tag(group="part"),
    "domain": _tag(group="part"),
    "user": _tag(extension="subaddress", group="part"),
    "detail": _tag(extension="subaddress", group="part"),
}
INDEX: Final = {"index": _tag(N, "index"), "last": _tag(extension="index")}
MIME: Final = {
    "mime": _tag(extension="mime"),
    "anychild": _tag(extension="mime"),
    "type": _tag(extension="mime", group="mime"),
    "subtype": _tag(extension="mime", group="mime"),
    "contenttype": _tag(extension="mime", group="mime"),
    "param": _tag(L, "mime", "mime"),
}
FLAGS: Final = {"flags": _tag(L, "imap4flags")}
PLACE: Final = {
    "create": _tag(extension="mailbox"),
    "specialuse": _tag(S, "special-use"),
    "mailboxid": _tag(S, "mailboxid"),
}
# RFC 8580 §3.1: where a copy of what is sent goes, with the options of fileinto.
FCC: Final = {"fcc": _tag(S, "fcc"), **FLAGS, **PLACE}
ZONE: Final = {"zone": _tag(S, group="zone"), "originalzone": _tag(group="zone")}

TESTS: Final[dict[str, Spec]] = {
    "address": Spec("", (L, L), {**MATCH, **ADDRESS_PART, **INDEX, "mime": MIME["mime"], "anychild": MIME["anychild"]}),
    "allof": Spec(tests=-1),
    "anyof": Spec(tests=-1),
    "envelope": Spec("envelope", (L, L), {**MATCH, **ADDRESS_PART}),
    "exists": Spec("", (L,), {"mime": MIME["mime"], "anychild": MIME["anychild"]}),
    "false": Spec(),
    "header": Spec("", (L, L), {**MATCH, **INDEX, **MIME}),
    "not": Spec(tests=1),
    "size": Spec("", (N,), {"over": _tag(group="size"), "under": _tag(group="size")}, needs=("over", "under")),
    "true": Spec(),
    "body": Spec(
        "body", (L,),
        {**MATCH, "raw": _tag(group="body"), "text": _tag(group="body"), "content": _tag(L, group="body")},
    ),
    "date": Spec("date", (S, S, L), {**MATCH, **ZONE, **INDEX}),
    "currentdate": Spec("date", (S, L), {**MATCH, "zone": ZONE["zone"]}),
    "string": Spec("variables", (L, L), MATCH),
    "hasflag": Spec("imap4flags", (L,), MATCH, leading=L),
    "environment": Spec("environment", (S, L), MATCH),
    "mailboxexists": Spec("mailbox", (L,)),
    "metadata": Spec("mboxmetadata", (S, S, L), MATCH),
    "metadataexists": Spec("mboxmetadata", (S, L)),
    "servermetadata": Spec("servermetadata", (S, L), MATCH),
    "servermetadataexists": Spec("servermetadata", (L,)),
    "specialuse_exists": Spec("special-use", (L,), leading=S),
    "mailboxidexists": Spec("mailboxid", (L,)),
    "duplicate": Spec(
        "duplicate", (),
        {"handle": _tag(S), "header": _tag(S, group="id"), "uniqueid": _tag(S, group="id"),
         "seconds": _tag(N), "last": _tag()},
    ),
    "ihave": Spec("ihave", (L,)),
    "valid_notify_method": Spec("enotify", (L,)),
    "notify_method_capability": Spec("enotify", (S, S, L), MATCH),
    "valid_ext_list": Spec("extlists", (L,)),
    "spamtest": Spec("spamtest", (S,), {**MATCH, "percent": _tag(extension="spamtestplus")}),
    "virustest": Spec("virustest", (S,), MATCH),
    "country": Spec("vnd.smartmail.country", (L,), MATCH),
    "asn": Spec("vnd.smartmail.country", (L,), MATCH),
    "hops": Spec("vnd.smartmail.country", (L,), MATCH),
}  # fmt: skip

COMMANDS: Final[dict[str, Spec]] = {
    "require": Spec("", (L,)),
    "if": Spec(tests=1, block=True),
    "elsif": Spec(tests=1, block=True),
    "else": Spec(block=True),
    "stop": Spec(),
    "keep": Spec(tags=FLAGS),
    "discard": Spec(),
    "fileinto": Spec("fileinto", (S,), {"copy": _tag(extension="copy"), **FLAGS, **PLACE}),
    "redirect": Spec("", (S,), {"copy": _tag(extension="copy"), "list": _tag(extension="extlists")}),
    "reject": Spec("reject", (S,)),
    "ereject": Spec("ereject", (S,)),
    "vacation": Spec(
        "vacation", (S,),
        {"days": _tag(N, group="period"), "seconds": _tag(N, "vacation-seconds", "period"), "subject": _tag(S),
         "from": _tag(S), "addresses": _tag(L), "mime": _tag(), "handle": _tag(S), **FCC},
    ),
    "set": Spec(
        "variables", (S, S),
        {"lower": _tag(group="case"), "upper": _tag(group="case"), "lowerfirst": _tag(group="first"),
         "upperfirst": _tag(group="first"), "quotewildcard": _tag(group="wild"), "quoteregex": _tag(extension="regex",
         group="wild"), "length": _tag(group="length"), "encodeurl": _tag(extension="enotify", group="encode")},
    ),
    "setflag": Spec("imap4flags", (L,), leading=S),
    "addflag": Spec("imap4flags", (L,), leading=S),
    "removeflag": Spec("imap4flags", (L,), leading=S),
    "addheader": Spec("editheader", (S, S), {"last": _tag()}),
    "deleteheader": Spec("editheader", (S,), {**MATCH, "index": _tag(N), "last": _tag()}, trailing=L),
    "include": Spec(
        "include", (S,),
        {"personal": _tag(group="location"), "global": _tag(group="location"), "once": _tag(), "optional": _tag()},
    ),
    "return": Spec("include"),
    "global": Spec("include", (L,)),
    "notify": Spec(
        "enotify", (S,),
        {"from": _tag(S), "importance": _tag(S), "options": _tag(L), "message": _tag(S), **FCC},
    ),
    "error": Spec("ihave", (S,)),
    "foreverypart": Spec("foreverypart", (), {"name": _tag(S)}, block=True),
    "break": Spec("foreverypart", (), {"name": _tag(S)}),
    "extracttext": Spec(
        "extracttext", (S,),
        {"first": _tag(N), "lower": _tag(group="case"), "upper": _tag(group="case"), "lowerfirst": _tag(group="first"),
         "upperfirst": _tag(group="first"), "quotewildcard": _tag(group="wild"), "quoteregex": _tag(extension="regex",
         group="wild"), "length": _tag(group="length"), "encodeurl": _tag(extension="enotify", group="encode")},
    ),
    "replace": Spec("replace", (S,), {"mime": _tag(), "subject": _tag(S), "from": _tag(S)}),
    "enclose": Spec("enclose", (S,), {"subject": _tag(S), "headers": _tag(L)}),
}  # fmt: skip

COMPARATORS: Final = ("i;octet", "i;ascii-casemap", "i;ascii-numeric", "i;unicode-casemap")

EXTENSIONS: Final = (
    "fileinto", "reject", "ereject", "envelope", "encoded-character", "comparator-i;octet",
    "comparator-i;ascii-casemap", "comparator-i;ascii-numeric", "comparator-i;unicode-casemap", "vacation",
    "vacation-seconds", "imap4flags", "subaddress", "body", "date", "index", "relational", "regex", "variables",
    "copy", "mailbox", "mboxmetadata", "servermetadata", "special-use", "mailboxid", "duplicate", "editheader",
    "include", "environment", "enotify", "extlists", "spamtest", "spamtestplus", "virustest", "foreverypart", "mime",
    "extracttext", "replace", "enclose", "ihave", "fcc", "vnd.smartmail.country",
)  # fmt: skip
"""Names that `require` takes, as ManageSieve and JMAP tell them."""

IMPLIED: Final[dict[str, tuple[str, ...]]] = {
    "vacation-seconds": ("vacation",),  # RFC 6131 §2
    "spamtestplus": ("spamtest",),  # RFC 5235 §2.3
}
