"""Whole directories from tables, and back: people, departments, groups, aliases, domains, lists, shared
accounts.

- `DirectoryImportService` (service.py): a dry run with an error per row, the import as work that can be stopped and gone on
  with, undoing the whole of it, the history.
- `DirectoryExportService` (exporting.py): the same tables as files, with a reason on record.
- A worker for each kind of table (people.py, departments.py, groups.py, aliases.py, domains.py, lists.py,
  shared_accounts.py; `working.TableWork`).

ADR 38. Must not know how it is shown, nor where a file comes from.
"""

from smartmail.service.people.directory_import.drafts import Options
from smartmail.service.people.directory_import.exporting import DirectoryExportService
from smartmail.service.people.directory_import.parts import DirectoryImports
from smartmail.service.people.directory_import.service import IMPORT, UNDO, DirectoryImportService, work_of
from smartmail.service.people.directory_import.shapes import Invitation, Line, Report, Source

__all__ = [
    "IMPORT", "UNDO", "DirectoryExportService", "DirectoryImportService", "DirectoryImports", "Invitation", "Line",
    "Options", "Report", "Source", "work_of",
]  # fmt: skip
