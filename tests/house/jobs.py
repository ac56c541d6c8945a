"""Services that nobody calls but a job."""

from typing import Any

from smartmail.service.catalogue import Services


def service_of(services: Services, job: str) -> Any:
    """Return the service whose work a job does."""
    (work,) = [one.work for one in services.jobs if one.name == job]
    return work.__self__  # type: ignore[attr-defined]
