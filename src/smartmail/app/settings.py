"""The node file: the few settings that a node must know before it can open the store. All else lies in the store.

Every setting carries its help in Korean and English; the reference page is made from these types.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import msgspec

from smartmail.app import kept_names
from smartmail.app.roles import PORTS, ROLES
from smartmail.app.toml_place import line_of
from smartmail.domain.host_names import KINDS

DEFAULT_PORT_BASE = 10000


class SettingsError(Exception):
    """What is wrong, where, and what to do, in words for the administrator."""


def _help(en: str, ko: str, *, ge: int | None = None, le: int | None = None) -> msgspec.Meta:
    return msgspec.Meta(description=en, extra={"ko": ko}, ge=ge, le=le)


class _Table(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A table of the node file."""


class Listen(_Table, frozen=True, kw_only=True):
    """Where the node listens."""

    addresses: Annotated[
        tuple[str, ...] | None,
        _help(
            "Addresses to bind; loopback when left out.", "수신할 주소. 생략하면 이 컴퓨터(loopback)에서만 받습니다."
        ),
    ] = None
    port_base: Annotated[
        int,
        _help(
            "Added to each standard port; 0 means the standard ports.",
            "표준 포트 번호에 더할 값. 0이면 표준 포트를 그대로 씁니다.",
            ge=0,
            le=61000,
        ),
    ] = DEFAULT_PORT_BASE
    ports: Annotated[
        dict[str, Annotated[int, msgspec.Meta(ge=1, le=65535)]],
        _help("Own ports of single listeners.", "개별 리스너의 포트 번호."),
    ] = msgspec.field(default_factory=dict)
    off: Annotated[tuple[str, ...], _help("Listeners that are not opened.", "열지 않을 리스너.")] = ()


class Names(_Table, frozen=True, kw_only=True):
    """Host names under which the node is reached."""

    mail: Annotated[str, _help("Name in greetings and Received lines.", "SMTP 인사말과 Received에 쓰는 이름.")] = (
        "localhost"
    )
    app: Annotated[str, _help("Host name of the webmail.", "웹메일 호스트 이름.")] = "localhost"
    admin: Annotated[str, _help("Host name of administration.", "관리자 화면 호스트 이름.")] = "admin.localhost"
    content: Annotated[
        str, _help("Host name for files and previews; carries no session.", "파일·미리보기 호스트 이름(세션 없음).")
    ] = "files.localhost"


class Tls(_Table, frozen=True, kw_only=True):
    """A certificate of your own; without one the node makes an authority and a certificate."""

    certificate: Annotated[str, _help("PEM file with the chain.", "인증서 체인 PEM 파일.")] = ""
    key: Annotated[str, _help("PEM file with the private key.", "개인키 PEM 파일.")] = ""
    client_authority: Annotated[
        str,
        _help(
            "PEM file with the authorities whose client certificates mail programs may log in with; empty: none.",
            "메일 프로그램이 로그인에 쓸 클라이언트 인증서의 발급 기관 PEM 파일. 비우면 쓰지 않습니다.",
        ),
    ] = ""
    certificate_logins: Annotated[
        bool,
        _help(
            "Open a port of its own (`https-certificate`) where browsers prove a second factor by a certificate in the handshake.",
            "브라우저가 TLS 인증서로 2차 인증을 하는 별도 포트(`https-certificate`)를 엽니다.",
        ),
    ] = False


class Database(_Table, frozen=True, kw_only=True):
    """Where the store lies."""

    url: Annotated[
        str,
        _help(
            "postgresql://… for several nodes; empty means SQLite in the data directory. May be env:NAME or file:PATH.",
            "여러 노드일 때 postgresql://… 주소. 비우면 데이터 폴더의 SQLite. env:이름 또는 file:경로도 됩니다.",
        ),
    ] = ""
    pool: Annotated[int, _help("Connections of each process.", "프로세스마다의 연결 수.", ge=2, le=200)] = 8


class S3(_Table, frozen=True, kw_only=True):
    """An S3-compatible bucket."""

    bucket: Annotated[str, _help("Bucket name.", "버킷 이름.")]
    endpoint: Annotated[
        str, _help("Address of the service; empty means the provider's.", "서비스 주소. 비우면 기본값.")
    ] = ""
    region: Annotated[str, _help("Region.", "리전.")] = "us-east-1"
    prefix: Annotated[str, _help("Prefix of all object names.", "오브젝트 이름 앞에 붙일 말.")] = ""
    access_key: Annotated[
        str, _help("Access key, or env:NAME, or file:PATH.", "액세스 키. env:이름 또는 file:경로도 됩니다.")
    ] = "env:AWS_ACCESS_KEY_ID"
    secret_key: Annotated[
        str, _help("Secret key, or env:NAME, or file:PATH.", "비밀 키. env:이름 또는 file:경로도 됩니다.")
    ] = "env:AWS_SECRET_ACCESS_KEY"  # noqa: S105 - a reference, not a secret


class Volume(_Table, frozen=True, kw_only=True):
    """Where sealed blobs lie."""

    path: Annotated[
        str, _help("Local path; empty means `volume` in the data directory.", "로컬 경로. 비우면 데이터 폴더의 volume.")
    ] = ""
    s3: Annotated[S3 | None, _help("Bucket instead of a local path.", "로컬 경로 대신 쓸 버킷.")] = None


class Backup(_Table, frozen=True, kw_only=True):
    """Where backups go, when, and how many are kept."""

    directory: Annotated[
        str,
        _help(
            "Directory for backups, best on another machine's disk; empty: none are taken.",
            "백업을 둘 폴더. 다른 장비의 디스크가 좋습니다. 비우면 백업하지 않습니다.",
        ),
    ] = ""
    s3: Annotated[S3 | None, _help("Bucket instead of a directory.", "폴더 대신 쓸 버킷.")] = None
    hour: Annotated[
        int,
        _help(
            "Hour of the day (UTC) after which the daily backup is taken; -1: only by command.",
            "매일 백업을 시작할 시각(UTC, 시). -1이면 명령으로만 합니다.",
            ge=-1,
            le=23,
        ),
    ] = 18
    keep_days: Annotated[int, _help("Daily backups that are kept.", "보관할 일 단위 백업 수.", ge=1, le=400)] = 7
    keep_weeks: Annotated[int, _help("Weekly backups that are kept.", "보관할 주 단위 백업 수.", ge=0, le=400)] = 4
    keep_months: Annotated[int, _help("Monthly backups that are kept.", "보관할 월 단위 백업 수.", ge=0, le=400)] = 12
    sandbox: Annotated[
        str,
        _help(
            "Directory where rehearsals restore to, with room for everything; empty: in the data directory.",
            "복원 시험을 할 폴더. 메일 전체만큼의 공간이 있어야 합니다. 비우면 데이터 폴더 안에서 합니다.",
        ),
    ] = ""
    rehearse_days: Annotated[
        int,
        _help(
            "Every how many days a backup is restored into a sandbox and compared; 0: only by command.",
            "며칠마다 백업을 별도 공간에 복원해 비교할지(복원 시험). 0이면 명령으로만 합니다.",
            ge=0,
            le=400,
        ),
    ] = 7
    rate_mb: Annotated[
        int,
        _help(
            "Most megabytes a second that a backup writes; 0: no bound.",
            "백업이 초당 쓰는 최대 용량(MB). 0이면 제한하지 않습니다.",
            ge=0,
            le=100_000,
        ),
    ] = 0


class Dns(_Table, frozen=True, kw_only=True):
    """The resolver that the node asks."""

    address: Annotated[
        str,
        _help("Address of the resolver; empty means the system's.", "DNS 서버 주소. 비우면 시스템 설정을 따릅니다."),
    ] = ""
    port: Annotated[int, _help("Port of the resolver.", "DNS 서버 포트.", ge=1, le=65535)] = 53
    trusted: Annotated[
        bool | None,
        _help(
            "Whether its AD flag may be believed (DNSSEC); left out: only when it is on this machine's loopback.",
            "이 서버의 DNSSEC 검증 결과(AD)를 믿을지 여부. 생략하면 이 컴퓨터(loopback)의 서버만 믿습니다.",
        ),
    ] = None


class Outgoing(_Table, frozen=True, kw_only=True):
    """Requests that the node makes to the web of others: policies, push services, reports."""

    networks: Annotated[
        tuple[str, ...],
        _help(
            "Networks of your own that may be asked; without any only public addresses are.",
            "요청을 보내도 되는 내부 네트워크. 비우면 공인 주소로만 보냅니다.",
        ),
    ] = ()
    pictures: Annotated[
        tuple[str, ...],
        _help(
            "Networks of your own from which pictures of mail are fetched too; an external sender may name any address in them.",
            "메일의 그림을 가져와도 되는 내부 네트워크. 외부에서 온 메일도 그 안의 주소를 적을 수 있습니다.",
        ),
    ] = ()
    authorities: Annotated[
        str,
        _help(
            "PEM file with authorities that are trusted in addition to the system's.",
            "시스템 인증 기관에 더해 믿을 인증 기관의 PEM 파일.",
        ),
    ] = ""


class NodeFile(_Table, frozen=True, kw_only=True):
    """The node file as it is written."""

    node: Annotated[str, _help("Id of this node, unique in the cluster.", "클러스터 안에서 유일한 노드 이름.")] = (
        "node1"
    )
    site: Annotated[str, _help("Site that the node belongs to.", "노드가 속한 사이트.")] = "main"
    roles: Annotated[
        tuple[str, ...] | None, _help("Roles that run here; all when left out.", "이 노드가 맡을 역할. 생략하면 모두.")
    ] = None
    user: Annotated[
        str,
        _help(
            "Account that the processes run as when they are started as root; empty: who owns the data directory, else "
            "`smartmail` where there is such an account. `root`: stay root, without capabilities.",
            "root로 시작했을 때 프로세스를 실행할 계정. 비우면 데이터 폴더의 소유자, 그것이 root이면 `smartmail` 계정(있을 때). "
            "`root`이면 root로 남되 권한(capability)은 버립니다.",
        ),
    ] = ""
    processes: Annotated[int, _help("Processes for the edge roles.", "접속을 받는 프로세스 수.", ge=1, le=64)] = 2
    template: Annotated[
        bool,
        _help(
            "Fork processes from one that has imported the program: they start faster and share memory (Linux).",
            "프로그램을 미리 읽어 둔 프로세스에서 나머지를 복제해 더 빨리 시작하고 메모리를 나눠 씁니다(Linux).",
        ),
    ] = True
    drain_s: Annotated[
        int, _help("Seconds that sessions get to end at a stop.", "종료할 때 세션을 기다리는 시간(초).", ge=0, le=3600)
    ] = 10
    key_file: Annotated[
        str,
        _help(
            "Master key; empty means DIR.key next to the data directory.",
            "마스터 키 파일. 비우면 데이터 폴더 옆 DIR.key.",
        ),
    ] = ""
    key_passphrase: Annotated[
        str,
        _help(
            "Passphrase of the master key's file: env:NAME or file:PATH; empty: the file has none.",
            "마스터 키 파일의 암호문구. env:이름 또는 file:경로. 비우면 암호문구 없이 둔 파일입니다.",
        ),
    ] = ""
    anchors: Annotated[
        str,
        _help(
            "Directory for the signed daily anchors of audit records, best on another machine; empty: DIR/anchors.",
            "접속기록 체인의 서명된 일일 앵커를 둘 폴더. 다른 장비가 좋습니다. 비우면 DIR/anchors.",
        ),
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...],
        _help("Sources that must send a PROXY header.", "PROXY 헤더를 보내야 하는(믿는) 출발지."),
    ] = ("127.0.0.2/32",)
    log_level: Annotated[str, _help("debug, info, warning or error.", "debug, info, warning, error 중 하나.")] = "info"
    listen: Listen = Listen()
    names: Names = Names()
    tls: Tls = Tls()
    database: Database = Database()
    volume: Volume = Volume()
    backup: Backup = Backup()
    dns: Dns = Dns()
    outgoing: Outgoing = Outgoing()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a process runs with: the node file plus what the command line said. Paths are absolute."""

    directory: str
    key_file: str
    config_file: str | None
    roles: tuple[str, ...]
    file: NodeFile
    demo: bool = False
    bench: bool = False
    named: frozenset[str] = frozenset()
    """Host names that the node file sets itself (`domain.host_names.KINDS`); the others are those that were set in a browser."""

    @property
    def uses_sqlite(self) -> bool:
        """Whether the store is SQLite in the data directory."""
        return not self.file.database.url

    @property
    def volume_path(self) -> str:
        """Directory of the local volume (meaningless when an S3 bucket is set)."""
        return self.file.volume.path or os.path.join(self.directory, "volume")

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses to bind."""
        return self.file.listen.addresses or ("127.0.0.1", "::1")

    def ports(self) -> dict[str, int | None]:
        """Listener name → port, None where this node does not serve it. Has every name of roles.PORTS."""
        served = {name for role in self.roles for name in ROLES[role]} - set(self.file.listen.off)
        if not self.file.tls.certificate_logins:
            served.discard("https-certificate")
        own, base = self.file.listen.ports, self.file.listen.port_base
        return {name: own.get(name, base + offset) if name in served else None for name, offset in PORTS.items()}


def load(
    directory: str,
    *,
    config: str | None = None,
    key_file: str | None = None,
    port_base: int | None = None,
    addresses: tuple[str, ...] | None = None,
    roles: tuple[str, ...] | None = None,
    processes: int | None = None,
    demo: bool = False,
    bench: bool = False,
) -> Settings:
    """Read the node file (`config`, else `node.toml` in the data directory, else defaults) and the overrides.

    Raises SettingsError.
    """
    directory = os.path.abspath(directory)
    path = config or os.path.join(directory, "node.toml")
    found = config is not None or os.path.exists(path)
    file = read_node_file(path) if found else NodeFile()
    if port_base is not None:
        file = msgspec.structs.replace(file, listen=msgspec.structs.replace(file.listen, port_base=port_base))
    if addresses is not None:
        file = msgspec.structs.replace(file, listen=msgspec.structs.replace(file.listen, addresses=addresses))
    if processes is not None:
        file = msgspec.structs.replace(file, processes=processes)
    file = _absolute(file, os.path.dirname(os.path.abspath(path)))
    named = frozenset(kind for kind in KINDS if getattr(file.names, kind) != getattr(Names(), kind))
    key = key_file or file.key_file
    settings = Settings(
        directory=directory,
        key_file=os.path.abspath(key) if key else directory + ".key",
        config_file=os.path.abspath(path) if found else None,
        roles=roles or file.roles or tuple(ROLES),
        file=file,
        demo=demo,
        bench=bench,
        named=named,
    )
    settings = with_kept_names(settings)
    _check(settings, path if found else "the command line")
    return settings


def with_kept_names(settings: Settings) -> Settings:
    """Return settings with the host names that are kept next to the node file now, but for those that it sets itself."""
    kept = {kind: name for kind, name in kept_names.read(settings.directory).items() if kind not in settings.named}
    names = msgspec.structs.replace(settings.file.names, **kept)
    return msgspec.structs.replace(settings, file=msgspec.structs.replace(settings.file, names=names))


def _absolute(file: NodeFile, base: str) -> NodeFile:
    """Paths in the node file are meant from where the file lies, wherever the command was started."""

    def place(path: str) -> str:
        return os.path.join(base, path) if path else ""

    replace = msgspec.structs.replace
    tls = replace(
        file.tls, certificate=place(file.tls.certificate), key=place(file.tls.key),
        client_authority=place(file.tls.client_authority),
    )  # fmt: skip
    volume = replace(file.volume, path=place(file.volume.path))
    backup = replace(file.backup, directory=place(file.backup.directory))
    return replace(file, key_file=place(file.key_file), tls=tls, volume=volume, backup=backup)


def read_node_file(path: str) -> NodeFile:
    """Read and validate one node file. Raises SettingsError naming file, line, key and remedy."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file. Give the node file's place after --config.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({error}).") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}. Mend the TOML at that place.") from error
    try:
        return msgspec.convert(document, NodeFile)
    except msgspec.ValidationError as error:
        raise SettingsError(_explain(path, text, str(error))) from error


def secret(value: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the secret that `value` names: `env:NAME`, `file:PATH`, or the text itself. Raises SettingsError."""
    kind, _, rest = value.partition(":")
    if kind == "env":
        if rest not in environment:
            raise SettingsError(f"The environment variable {rest} is not set. Set it or change the node file.")
        return environment[rest]
    if kind == "file":
        try:
            return Path(rest).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{rest}: the secret cannot be read ({error.strerror}).") from error
    return value


def passphrase(settings: Settings) -> str:
    """Return the passphrase of the master key's file, "" where the node file names none. Raises SettingsError."""
    named = settings.file.key_passphrase
    return secret(named).rstrip("\r\n") if named else ""


def _explain(path: str, text: str, problem: str) -> str:
    """Turn msgspec's words into file, line, key and remedy."""
    what, _, where = problem.partition(" - at `$")
    key = where.strip("`.")
    if "unknown field" in what:
        name = what.split("`")[1]
        near = get_close_matches(name, _keys(), n=1)
        key = f"{key}.{name}".strip(".")
        what = f"unknown setting. Did you mean {near[0]}?" if near else "unknown setting. Remove it."
    line = line_of(text, key)
    place = f"{path}, line {line}" if line else path
    return f"{place}: {key or 'node file'}: {what}"


def _keys() -> list[str]:
    tables: list[Any] = [NodeFile, Listen, Names, Tls, Database, Volume, Backup, S3, Dns]
    return [field for table in tables for field in table.__struct_fields__]


def _check(settings: Settings, source: str) -> None:
    for role in settings.roles:
        _known(source, "role", role, ROLES)
    for name in (*settings.file.listen.off, *settings.file.listen.ports):
        _known(source, "listener", name, PORTS)
    if not 1 <= settings.file.processes <= 64:
        raise SettingsError(f"{source}: processes must be between 1 and 64.")
    for network in settings.file.trusted_proxies:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise SettingsError(f"{source}: trusted_proxies: {error}. Write 192.0.2.1 or 192.0.2.0/24.") from error
    if settings.file.log_level not in {"debug", "info", "warning", "error"}:
        raise SettingsError(f"{source}: log_level must be debug, info, warning or error.")
    if bool(settings.file.tls.certificate) != bool(settings.file.tls.key):
        raise SettingsError(f"{source}: tls.certificate and tls.key belong together. Give both or none.")
    if not settings.uses_sqlite and settings.file.volume.s3 is None and not settings.file.volume.path:
        raise SettingsError(
            f"{source}: nodes that share PostgreSQL need a volume that all of them reach. Set [volume.s3], or the path of a "
            "directory that all of them mount: path in [volume]."
        )
    seen: dict[int, str] = {}
    for name, port in settings.ports().items():
        if port is not None and port in seen:
            raise SettingsError(f"{source}: {name} and {seen[port]} both want port {port}. Change one of them.")
        if port is not None and port > 65535:
            raise SettingsError(f"{source}: {name} would get port {port}; the highest is 65535. Lower port_base.")
        if port is not None:
            seen[port] = name


def _known(source: str, kind: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        raise SettingsError(f"{source}: there is no {kind} {name!r}. Known: {', '.join(sorted(known))}.")
