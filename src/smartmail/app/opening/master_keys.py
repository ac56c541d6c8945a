"""The master keys of this node: where they lie, under which passphrase, the ring over them and the keeper that changes them."""

import json
from dataclasses import dataclass
from typing import Protocol

from smartmail.adapters.keys import master
from smartmail.adapters.keys.files import FileKeeper, MasterFiles
from smartmail.adapters.keys.ring import KeyRing
from smartmail.app.settings import Settings, passphrase
from smartmail.formats.seal import Kind
from smartmail.ports.keys import SECRETS_OWNER, KeyIdentity
from smartmail.ports.store_keys import KeyStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.operations.keys.rotating import MASTER_SETTING, ROOT_SETTING, SECRETS_SETTING


class _Store(KeyStore, SettingStore, Protocol): ...


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """What a process has of them."""

    ring: KeyRing
    keeper: FileKeeper


def ring_of(settings: Settings) -> KeyRing:
    """Return a ring over the files. Raises FileNotFoundError, MasterKeyError."""
    files = MasterFiles(settings.key_file, passphrase(settings))
    return KeyRing(*files.all(), source=files)


async def open_master_keys(settings: Settings, store: _Store, *, first_start: bool) -> MasterKeys:
    """Read or make the key and compare it with the store. Raises MasterKeyError, WrongMasterKey, OSError, SealError."""
    kept, root = await store.setting(*MASTER_SETTING), await store.setting(*ROOT_SETTING)
    words = passphrase(settings)
    first = first_start and kept is None
    master.load_or_create(settings.key_file, settings.directory, first_start=first, passphrase=words)
    ring = ring_of(settings)
    if kept is not None:
        ring.require(KeyIdentity(*json.loads(kept)))
    if root is not None:
        ring.use_root(bytes.fromhex(root))
    secrets = await store.setting(*SECRETS_SETTING)
    if secrets is None:
        made = ring.wrap(Kind.KEY_OF_INSTALLATION, SECRETS_OWNER).wrapped.hex()
        await store.add_setting(*SECRETS_SETTING, made)
        secrets = await store.setting(*SECRETS_SETTING) or made
    ring.use_secrets(bytes.fromhex(secrets))
    if kept is None:
        await store.put_setting(*MASTER_SETTING, json.dumps(list(ring.identity)))
    return MasterKeys(ring, FileKeeper(ring, MasterFiles(settings.key_file, words)))
