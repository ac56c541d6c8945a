"""What callers hold of imports and exports of directories, made once (app.wiring.people)."""

from dataclasses import dataclass

from smartmail.service.people.directory_import.exporting import DirectoryExportService
from smartmail.service.people.directory_import.service import DirectoryImportService
from smartmail.service.people.provisioned import ProvisionedService


@dataclass(frozen=True, slots=True)
class DirectoryImports:
    """The way in, the way out, and one at a time."""

    imports: DirectoryImportService
    exports: DirectoryExportService
    provisioned: ProvisionedService
