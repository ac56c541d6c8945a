"""What services need from outside; given by who opens a node. Must not know adapters or services."""

from collections.abc import Mapping
from dataclasses import dataclass

from smartmail.adapters.sql import SqlStore
from smartmail.domain.cluster import NodeRow
from smartmail.domain.ids import VolumeId
from smartmail.formats.client_setup import MailServer
from smartmail.ports.anchors import AnchorPlace, HeadPlace, NoAnchorPlace, NoHeadPlace
from smartmail.ports.backup import BackupHost, NodeFiles, Rehearser
from smartmail.ports.blobs import Volume
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.dissection import Dissector, NoDissector
from smartmail.ports.dns import Resolver
from smartmail.ports.extraction import TextExtractor
from smartmail.ports.host_names import NamePlace, NoNamePlace
from smartmail.ports.http import HttpClient, NoHttp
from smartmail.ports.keys import Keys, MasterKeeper
from smartmail.ports.layouts import BodyReader, LayoutReader
from smartmail.ports.portraits import PortraitMaker
from smartmail.ports.processes import NoProcesses, NoTree, ProcessTable, TreeSigns
from smartmail.ports.pull_source import NoPullSource, PullSource
from smartmail.ports.serving import NoServingRecord, ServingRecord
from smartmail.ports.siem import Collector, NoCollector
from smartmail.ports.versions import NoVersions, VersionPlace
from smartmail.service.operations.backup.planning import BackupPlan

# ruff: noqa: RUF009 -- what stands for a port that is not there holds nothing


@dataclass(frozen=True, slots=True)
class Operating:
    """What a process can do with the machine that it runs on; without it nothing of this can be done from the browser."""

    processes: ProcessTable = NoProcesses()
    places: BackupHost | None = None
    rehearser: Rehearser | None = None
    files: NodeFiles | None = None
    pull_source: PullSource = NoPullSource()
    """Reaches mailboxes of other providers."""
    signs: TreeSigns = NoTree()
    """Tell whether the process's parent lives and the key is there."""
    servers: tuple[MailServer, ...] = ()
    """What mail programs are told of."""
    names: NamePlace = NoNamePlace()
    """Host names of this node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """`host` is our name in mail that we write, `site` where people reach our pages ("": nowhere yet), `node` how this node
    shows itself to the others. `inspects`: mail that comes in is looked at.
    """

    store: SqlStore
    keys: Keys
    volumes: Mapping[VolumeId, Volume]
    bus: Bus
    clock: Clock
    host: str
    resolver: Resolver
    site: str = ""
    node: NodeRow = NodeRow("node1", 0, 0, "", "local")
    inspects: bool = True
    http: HttpClient = NoHttp()
    plain_http: HttpClient | None = None
    """For what is signed: it may go without TLS. None: as `http`."""
    picture_http: HttpClient | None = None
    """For addresses in mail from outside: none of our own networks are asked by it. None: as `http`."""
    extractor: TextExtractor | None = None
    dissector: Dissector = NoDissector()
    portraits: PortraitMaker | None = None
    layouts: LayoutReader | None = None
    bodies: BodyReader | None = None
    """Shows long text parts of messages; None: this process shows them itself."""
    keeper: MasterKeeper | None = None
    """Changes the master key of this node; not every process of a test has one."""
    serving: ServingRecord = NoServingRecord()
    versions: VersionPlace = NoVersions()
    vendor_key: str = ""
    anchor_place: AnchorPlace = NoAnchorPlace()
    head_place: HeadPlace = NoHeadPlace()
    collector: Collector = NoCollector()
    backup_plan: BackupPlan = BackupPlan()
    operating: Operating = Operating()

    @property
    def home(self) -> str:
        """Where links in mail of the house lead."""
        return self.site or f"https://{self.host}"
