"""The routes of SCIM."""

from smartmail.edge.httpd.admin.limits import AdminLimits
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.scim.serving import ROOT, ScimServer
from smartmail.service.catalogue import Services


class ScimDoor:
    """Gives the routes."""

    def __init__(self, services: Services, limits: AdminLimits) -> None:
        self._server = ScimServer(services, limits)

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return method, path and handler of each."""
        return [(method, f"{ROOT}/*", self._server.serve) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]
