"""Makes the papers that a buyer asks for, in Korean, out of guides, operations and migrations of this tree.

install, operate, backup, incident (procedures), interface (every operation of the admin API and JMAP), tables (every table of
the store). They are HTML for print: a browser makes PDF of them.
"""

import argparse
from pathlib import Path

from smartmail.app.cli import opening

HELP = "procedures, interface and table definitions as papers"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", required=True, metavar="DIR", help="folder that they are written into")


def run(options: argparse.Namespace) -> int:
    """Write them."""
    from smartmail.app.papers import deliverables

    try:
        made = deliverables.make(Path(options.out))
    except (OSError, ValueError) as error:
        opening.complain(str(error))
        return opening.FAILED
    for path in made:
        print(path)
    return 0
