"""A place in a bucket of an S3-compatible store: a PUT is whole or not at all. The client comes from the composition."""

from contextlib import suppress

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from smartmail.ports.backup import BackupPlace, Kept, ObjectMissing, PlaceError


class ObjectPlace(BackupPlace):
    """A BackupPlace in a bucket."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    async def put(self, name: str, octets: bytes) -> None:
        try:
            await obstore.put_async(self._store, name, octets, mode="overwrite")
        except (BaseError, OSError) as error:
            raise _meaning(error) from error

    async def get(self, name: str) -> bytes:
        try:
            answer = await obstore.get_async(self._store, name)
            return bytes(await answer.bytes_async())
        except FileNotFoundError as error:
            raise ObjectMissing("there is no such object") from error
        except (BaseError, OSError) as error:
            raise _meaning(error) from error

    async def entries(self, prefix: str) -> list[Kept]:
        found = []
        try:
            async for batch in obstore.list(self._store, prefix=prefix.rstrip("/"), chunk_size=500):
                for meta in batch:
                    name = prefix + str(meta["path"]).rpartition("/")[2]
                    found.append(Kept(name, meta["size"], int(meta["last_modified"].timestamp())))
        except (BaseError, OSError) as error:
            raise _meaning(error) from error
        return sorted(found)

    async def delete(self, name: str) -> None:
        try:
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._store, name)
        except (BaseError, OSError) as error:
            raise _meaning(error) from error

    async def free(self) -> int | None:
        return None


def _meaning(error: BaseException) -> PlaceError:
    return PlaceError(f"the object store: {str(error).partition(chr(10))[0][:300]}")
