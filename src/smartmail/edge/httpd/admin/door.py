"""The admin host's routes: the API, its document, and nothing else yet."""

import msgspec

from smartmail.edge.httpd.admin.limits import AdminLimits
from smartmail.edge.httpd.admin.openapi import document
from smartmail.edge.httpd.admin.operation import ROOT
from smartmail.edge.httpd.admin.serving import AdminApi
from smartmail.edge.httpd.admin.table import OPERATIONS
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services

DOCUMENT = f"{ROOT}/openapi.json"


class AdminDoor:
    """Gives the routes."""

    def __init__(self, services: Services, limits: AdminLimits, site: str = "") -> None:
        self._api = AdminApi(services, OPERATIONS, limits, site)
        self._document = b""

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return method, path and handler of each."""
        methods = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY")
        api: list[tuple[str, str, Handler]] = [(method, f"{ROOT}/*", self._api.serve) for method in methods]
        return [("GET", DOCUMENT, self._openapi), *api]

    async def _openapi(self, _request: Request, answer: Answer) -> None:
        # Made when it is first asked for: most processes never are.
        self._document = self._document or msgspec.json.encode(document(OPERATIONS))
        await answer.whole(200, self._document, "application/json")
