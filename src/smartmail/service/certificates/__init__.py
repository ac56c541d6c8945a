"""Certificates: brought by an administrator or fetched by ACME, kept sealed, served by name on every TLS door."""

from smartmail.service.certificates.alarms import AlarmService
from smartmail.service.certificates.issuing import AcmeService, AcmeStatus
from smartmail.service.certificates.keeping import CertificateService

__all__ = ["AcmeService", "AcmeStatus", "AlarmService", "CertificateService"]
