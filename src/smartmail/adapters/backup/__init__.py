"""Where backups lie (ports.backup.BackupPlace): a directory, best on another machine's disk, or an S3 bucket."""

from smartmail.adapters.backup.directory import DirectoryPlace
from smartmail.adapters.backup.objects import ObjectPlace

__all__ = ["DirectoryPlace", "ObjectPlace"]
