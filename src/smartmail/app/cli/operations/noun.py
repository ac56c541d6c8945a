"""A noun of the command line all of whose commands are operations: made, not written."""

import argparse


class Noun:
    """Has what a module of a command has: `HELP`, a text, `add_arguments`, `run`. Imports operations when it is asked for."""

    def __init__(self, name: str, line: str, text: str) -> None:
        self.name = name
        self.HELP = line
        self.__doc__ = text

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its commands."""
        from smartmail.app.cli.operations.running import add_acts

        add_acts(parser.add_subparsers(dest="act", required=True, metavar="ACT"), self.name)

    def run(self, options: argparse.Namespace) -> int:
        """Do one."""
        from smartmail.app.cli.operations.running import run

        return run(options)
