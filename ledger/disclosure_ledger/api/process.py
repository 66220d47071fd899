"""The API in the recorder's process: everything behind it, opened and closed in order."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any

import structlog
from litestar.types import ControllerRouterHandler

from disclosure_consumers.checking.checker import Checker
from disclosure_consumers.checking.replica import PreferenceReplica
from disclosure_consumers.codecs import event_codec
from disclosure_consumers.control_tables import ControlTables
from disclosure_consumers.kafka.control_log import KafkaControlLog
from disclosure_consumers.registry_files import example_registry
from disclosure_consumers.registry_watch import RegistryWatch
from disclosure_consumers.settings import GateSettings
from disclosure_ledger.access.key_store import KeyStore
from disclosure_ledger.access.lookups import AccessLog
from disclosure_ledger.access.provider import OpenIdProvider
from disclosure_ledger.access.tokens import TokenRules
from disclosure_ledger.api.app import api_app
from disclosure_ledger.api.dead_letters import DeadLetters
from disclosure_ledger.api.denials import DenialCause, Denials
from disclosure_ledger.api.emission import Emission
from disclosure_ledger.api.readiness import Readiness
from disclosure_ledger.api.sent_events import SentEvents
from disclosure_ledger.api.server import ApiServer
from disclosure_ledger.api.services import Services
from disclosure_ledger.api.settings import ApiSettings
from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.audit.run import audit
from disclosure_ledger.door.questions import AuditQuestion
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.kafka_offsets import BrokerOffsets
from disclosure_ledger.recorder_lag import RecorderLag
from disclosure_ledger.recorder_source import RECORDED_TOPICS
from disclosure_ledger.store.batch import Position
from disclosure_ledger.store.ledger import Ledger
from disclosure_producers.client import DisclosureProducer, PreferenceProducer
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.settings import KafkaSettings, RegistrySettings, SubjectSettings
from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.topics import IDENTITIES, PREFERENCES

_log = structlog.get_logger(__name__)

SENT_FILE = "api-sent.sqlite"
_ROUND_S = 2.0
_FORGET_EVERY = 1_800


@contextmanager
def running_api(
    ledger: Ledger,
    reader: LocalReader,
    kafka: KafkaSettings,
    schemas: RegistrySettings,
    *,
    settings: ApiSettings,
    more: Callable[[Services], Sequence[ControllerRouterHandler]] = lambda _: (),
    on_denied: Callable[[DenialCause], None] = lambda _: None,
) -> Iterator[ApiServer]:
    """Serve the API of an open ledger while the block runs; `more`: routes beside the API's own;
    `on_denied` is told of each call that is refused.

    Raises ApiError, AccessError, OutboxError, ProviderError, RegistryError, SettingsError.
    """
    with ExitStack() as opened:
        services, housekeeping = _services(
            opened,
            ledger,
            reader,
            kafka=kafka,
            schemas=schemas,
            settings=settings,
            denials=Denials(on_denied),
        )
        server = ApiServer(api_app(services, more(services)), settings)
        opened.enter_context(housekeeping)
        opened.enter_context(server)
        _log.info("api serving", address=server.address)
        yield server


def _services(
    opened: ExitStack,
    ledger: Ledger,
    reader: LocalReader,
    *,
    kafka: KafkaSettings,
    schemas: RegistrySettings,
    settings: ApiSettings,
    denials: Denials,
) -> tuple[Services, "_Housekeeping"]:
    gate = GateSettings()
    keys = KeyStore(ledger.path)
    opened.callback(keys.close)
    access_log = AccessLog(ledger)
    opened.callback(access_log.close)
    emission = _emission(ledger, kafka, schemas, settings)
    opened.callback(emission.close)
    replica = opened.enter_context(
        PreferenceReplica(
            partial(_open_control, kafka, schemas), barrier_timeout_s=gate.barrier_timeout_ms / 1000
        )
    )
    checker = Checker(
        replica,
        RegistryWatch(gate.registry or example_registry()),
        staleness_max_s=settings.staleness_max_ms / 1000,
        permit_ttl_s=gate.permit_ttl_s,
        barrier_timeout_s=gate.barrier_timeout_ms / 1000,
    )
    broker = opened.enter_context(BrokerOffsets(kafka))
    lag = RecorderLag(partial(_ends, broker), ledger.next_offsets)
    secret = SubjectSettings()
    services = Services(
        settings=settings,
        reader=reader,
        keys=keys,
        access_log=access_log,
        emission=emission,
        checker=checker,
        dead_letters=DeadLetters(kafka, schemas),
        readiness=Readiness(
            state_age_s=replica.age_s,
            recorder_lag_s=lag.lag_s,
            state_age_max_s=settings.staleness_max_ms / 1000,
            lag_max_s=settings.lag_max_s,
        ),
        run_audit=partial(_audit, reader, kafka),
        subject_secret=None if secret.secret is None else secret.secret_bytes(),
        provider=_provider(opened, settings),
        denials=denials,
    )
    return services, _Housekeeping(checker, lag, emission)


def _emission(
    ledger: Ledger, kafka: KafkaSettings, schemas: RegistrySettings, settings: ApiSettings
) -> Emission:
    delivery = DeliverySettings()
    return Emission(
        DisclosureProducer("api", kafka=kafka, delivery=delivery, registry=schemas),
        PreferenceProducer(kafka=kafka, delivery=delivery, registry=schemas),
        SentEvents(ledger.path / SENT_FILE),
        accept_wait_s=settings.accept_wait_s,
    )


def _provider(opened: ExitStack, settings: ApiSettings) -> OpenIdProvider | None:
    if settings.oidc_issuer is None:
        return None
    provider = OpenIdProvider(
        TokenRules(
            issuer=settings.oidc_issuer,
            audience=settings.oidc_audience,
            roles_claim=settings.oidc_roles_claim,
            role_names=settings.oidc_role_names,
        )
    )
    opened.callback(provider.close)
    return provider


def _open_control(
    kafka: KafkaSettings, schemas: RegistrySettings, applying: AbstractContextManager[Any]
) -> ControlTables:
    preferences, identities = kafka.topic(PREFERENCES), kafka.topic(IDENTITIES)
    codec = partial(event_codec, settings=schemas)
    return ControlTables(
        KafkaControlLog(kafka, [preferences, identities], "api"),
        preferences_topic=preferences,
        identities_topic=identities,
        preferences=codec(PreferenceRecorded, topic=preferences),
        identities=codec(IdentityLinked, topic=identities),
        applying=applying,
    )


def _ends(broker: BrokerOffsets) -> Mapping[Position, int]:
    return {
        (topic.name, partition): extent.high
        for topic in RECORDED_TOPICS
        for partition, extent in broker.extents(topic).items()
        if extent.high > extent.low
    }


def _audit(reader: LocalReader, kafka: KafkaSettings, question: AuditQuestion) -> AuditResult:
    with BrokerOffsets(kafka) as broker:
        return audit(
            reader,
            broker,
            wait_s=question.wait_s,
            verify_limit=question.verify_limit,
            deep=question.deep,
            sleep=time.sleep,
        )


class _Housekeeping:
    """A thread for what is due now and then: the registry's files, the recorder's lag, old event ids."""

    def __init__(self, checker: Checker, lag: RecorderLag, emission: Emission) -> None:
        self._checker = checker
        self._lag = lag
        self._emission = emission
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="api-housekeeping", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        rounds = 0
        while not self._stop.is_set():
            try:
                self._checker.look_for_registry()
                if rounds % _FORGET_EVERY == 0:
                    self._emission.forget_old()
                self._lag.look()
            except DisclosureError as error:
                _log.warning("the broker or the ledger does not answer", cause=str(error))
            except Exception:  # noqa: BLE001 - the next round tries again; readiness tells meanwhile
                _log.exception("housekeeping of the API failed")
            rounds += 1
            self._stop.wait(_ROUND_S)
