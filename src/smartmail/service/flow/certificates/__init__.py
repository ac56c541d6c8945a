"""Certificates: brought by an administrator or fetched by ACME, kept sealed, served by name on every TLS door."""

from smartmail.service.flow.certificates.alarms import AlarmService
from smartmail.service.flow.certificates.issuing import AcmeService, AcmeStatus
from smartmail.service.flow.certificates.keeping import CertificateService

__all__ = ["AcmeService", "AcmeStatus", "AlarmService", "CertificateService"]
