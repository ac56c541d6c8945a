"""`python -m smartmail.app.cli`: what the launcher runs."""

import gc
import sys

from smartmail.app.cli import main


def _collect() -> None:
    """Collect garbage from now on: what was imported is none."""
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    # Imports leave no garbage worth looking for: the collector would take a sixth of their time.
    gc.disable()
    sys.exit(main(imported=_collect))
