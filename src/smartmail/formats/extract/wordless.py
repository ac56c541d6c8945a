"""Files in which there is nothing to read, told without a child that reads files: pictures, sound, programs with nothing behind them.

NAME       wordless
PURPOSE    What a thorough reading (`reading.extract`) would say of such a file is known: no text, no problem, no file inside.
STRATEGIES The first octets say the kind, and the octets of archives are looked for: nothing is parsed.
LIMITS     MOST octets: larger files are for a child, whatever they are.
FAILURE    None: what is in doubt is not wordless.
Must not know mail.
"""

from typing import Final

from smartmail.formats.extract import appended, kinds, naming

MOST: Final = 4 << 20


def is_wordless(octets: bytes, media_type: str = "", name: str = "") -> bool:
    """Say whether a file surely has nothing to read. `media_type` and `name` are claims of the sender."""
    if not 0 < len(octets) <= MOST or kinds.kind_of(octets, media_type, name) != "none":
        return False
    kind = naming.kind_name(octets)
    return naming.has_no_text(kind) and kind != "signature" and not appended.may_have_archive(octets)
