"""Places of backups: the one that the node file names, and those that administrators have named."""

from typing import TYPE_CHECKING

from smartmail.adapters.backup import DirectoryPlace, ObjectPlace
from smartmail.app.settings import S3, Backup, SettingsError, secret
from smartmail.domain.backup import Keeping
from smartmail.ports.backup import BackupPlace, PlaceError, PlaceSpec
from smartmail.ports.blobs import VolumeError
from smartmail.service.operations.backup.planning import BackupPlan

if TYPE_CHECKING:
    from smartmail.adapters.volumes.objects import S3Settings


class NodeBackupHost:
    """Opens places that an administrator has named (ports.backup.BackupHost)."""

    def open(self, spec: PlaceSpec) -> BackupPlace:
        """Return a place; whether it answers shows when it is used. Raises PlaceError."""
        if spec.kind == "directory":
            return DirectoryPlace(spec.config["path"])
        from smartmail.adapters.volumes.objects import S3Settings, connect

        config = spec.config
        bucket = S3Settings(
            bucket=config["bucket"], endpoint=config["endpoint"], region=config["region"], prefix=config["prefix"],
            access_key=config["access"], secret_key=spec.secret,
        )  # fmt: skip
        try:
            return ObjectPlace(connect(bucket))
        except VolumeError as error:
            raise PlaceError(str(error)) from error


def backup_plan(file: Backup) -> BackupPlan:
    """Return the plan of a node file. Raises SettingsError, VolumeUnavailable."""
    return BackupPlan(
        _place(file),
        file.hour if file.hour >= 0 else None,
        Keeping(file.keep_days, file.keep_weeks, file.keep_months),
        file.rate_mb << 20,
        file.rehearse_days,
        words=file.directory if file.s3 is None else f"s3://{file.s3.bucket}/{file.s3.prefix}",
    )


def _place(file: Backup) -> BackupPlace | None:
    if file.directory and file.s3:
        raise SettingsError("backup: give a directory or a bucket, not both.")
    if file.s3 is not None:
        from smartmail.adapters.volumes.objects import connect

        return ObjectPlace(connect(s3_settings(file.s3)))
    return DirectoryPlace(file.directory) if file.directory else None


def s3_settings(s3: S3) -> "S3Settings":
    """Return a bucket of the node file as the client takes it. Raises SettingsError."""
    from smartmail.adapters.volumes.objects import S3Settings

    return S3Settings(
        bucket=s3.bucket, endpoint=s3.endpoint, region=s3.region, prefix=s3.prefix,
        access_key=secret(s3.access_key), secret_key=secret(s3.secret_key),
    )  # fmt: skip
