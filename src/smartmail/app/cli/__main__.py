"""`python -m smartmail.app.cli`: what the launcher runs."""

import sys

from smartmail.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
