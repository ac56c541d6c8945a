"""Where backups lie (ports.backup.BackupPlace): a directory, best on another machine's disk, or an S3 bucket.

And the files of a node that go into them beside its store.
"""

from smartmail.adapters.backup.directory import DirectoryPlace
from smartmail.adapters.backup.node_files import DirectoryNodeFiles
from smartmail.adapters.backup.objects import ObjectPlace

__all__ = ["DirectoryNodeFiles", "DirectoryPlace", "ObjectPlace"]
