"""Browsers whose service worker never gets ready, as on the first seconds of a first visit.

Each test is a new browser, and in each the worker would fetch the whole app once more, 230 files: a third of what the
browser does in a short test, and more at the node. What the worker is for is tried where it runs (test_offline.py,
test_web_push.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

# Frames of letters and pages without TLS have no such class.
_NEVER = "globalThis.ServiceWorkerContainer?.prototype && (ServiceWorkerContainer.prototype.register = () => new Promise(() => {}))"


def keep_worker_out(context: BrowserContext) -> None:
    """Let pages of this browser register their service worker in vain."""
    context.add_init_script(_NEVER)
