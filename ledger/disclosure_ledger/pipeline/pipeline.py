"""A whole pipeline: starts its processes, waits until they serve, and stops them in order."""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from disclosure_consumers.kafka.topic_admin import TopicAdmin, TopicSettings
from disclosure_consumers.settings import GateSettings
from disclosure_ledger.brokers.local import LOOPBACK
from disclosure_ledger.door.client import DoorClient
from disclosure_ledger.door.sockets import SOCKET_FILE
from disclosure_ledger.pipeline import state_file
from disclosure_ledger.pipeline.children import BrokerChild, Child, ProgramChild, own_command
from disclosure_ledger.pipeline.errors import PipelineError
from disclosure_ledger.pipeline.metrics_targets import chosen_ports, metrics_settings, write_targets
from disclosure_ledger.pipeline.plan import API_PORT, Plan
from disclosure_ledger.pipeline.supervisor import Supervisor
from disclosure_producers.settings import KafkaSettings

_POLL_S = 0.1
_SERVING_WAIT_S = 60.0


class Pipeline:
    """Broker, topics, recorder and gates of one plan. Started, watched and stopped from the main thread.

    `tell` is given one line for each thing that happens.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        tell: Callable[[str], object],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.plan = plan
        self.broker = plan.broker()
        self.settings = plan.settings(
            self.broker.bootstrap, self.broker.limits, os.environ if environment is None else environment
        )
        self._tell = tell
        self.metrics_ports = chosen_ports(plan.gates)
        self._door = DoorClient(plan.ledger_folder.absolute() / SOCKET_FILE)
        self._broker_child = BrokerChild(self.broker)
        children = self._children()
        self._by_name = {child.name: child for child in children}
        self._supervisor = Supervisor(children, tell=tell, falls_with=self._falls_with)

    @property
    def kafka(self) -> KafkaSettings:
        """Settings of Kafka clients in this process."""
        limits = self.broker.limits
        return KafkaSettings(
            bootstrap=self.broker.bootstrap,
            topic_prefix="",
            client={},
            consumer=dict(limits.client_overrides),
            max_group_members=limits.max_members_per_group,
        )

    @property
    def console_address(self) -> str | None:
        """Where browsers find the console; None where there is none."""
        return f"http://{LOOPBACK}:{self.settings[API_PORT]}" if self.plan.console else None

    def _console_answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, int(self.settings[API_PORT])), timeout=1):
                return True
        except OSError:
            return False

    def topic_admin(self) -> TopicAdmin:
        """Questions about topics and groups of this pipeline's broker."""
        return TopicAdmin(self.kafka, TopicSettings(config=dict(self.broker.limits.topic_overrides)))

    def start(self) -> None:
        """Start everything and return once it serves. Call `stop` whether or not this fails."""
        self._supervisor.start(self._started)
        self.wait_until_serving()

    def run(self, stop: threading.Event) -> None:
        """Restart what dies, until `stop` is set."""
        self._supervisor.run(stop)

    def require_all_running(self) -> None:
        """Raise ChildFailedError if one of the processes has ended."""
        self._supervisor.require_all_running()

    def child(self, name: str) -> BrokerChild | ProgramChild:
        """One of the processes: `broker`, `recorder`, `gate 1` and so on."""
        return self._by_name[name]

    def pid(self, name: str) -> int:
        """Process id of one of the programs; raises PipelineError where it does not run."""
        child = self._by_name[name]
        pid = child.pid if isinstance(child, ProgramChild) else None
        if pid is None:
            raise PipelineError(f"the {name} does not run. Its log is {child.log}.")
        return pid

    def fall_with_broker(self) -> tuple[str, ...]:
        """Names of the processes that must end when the broker has, the last started first."""
        others = self._falls_with(self._broker_child, list(self._by_name.values()))
        return tuple(child.name for child in reversed(others))

    def stop(self) -> None:
        """Stop the gates, then the recorder, then the broker."""
        self._supervisor.stop()

    def _children(self) -> list[BrokerChild | ProgramChild]:
        program = partial(ProgramChild, folder=self.plan.log_folder)

        def environment(name: str, own: Mapping[str, str]) -> dict[str, str]:
            return {**self.settings, **metrics_settings(self.metrics_ports[name]), **own}

        gates = [
            program(
                f"gate {number}",
                own_command("gate"),
                environment(f"gate {number}", self.plan.gate_settings(number)),
            )
            for number in range(1, self.plan.gates + 1)
        ]
        recorder = program("recorder", own_command("recorder"), environment("recorder", {}))
        return [self._broker_child, recorder, *gates]

    def _falls_with(self, fallen: Child, others: Sequence[Child]) -> Sequence[Child]:
        """Who must end when a child has died, before it is started again.

        A broker that forgets open transactions when it restarts, and then takes their commits for good,
        would lose what a gate had in hand: such a gate must begin anew.
        """
        if fallen is self._broker_child and not self.broker.limits.keeps_open_transactions:
            return [child for child in others if child is not self._broker_child]
        return []

    def _started(self, child: Child) -> None:
        if child is self._broker_child:
            state_file.write(self.plan.folder, self.settings)
            write_targets(self.plan.folder, self.metrics_ports)
            self._tell(f"Kafka broker ({self.plan.kafka}) at {self.broker.bootstrap}")
            created = [topic for topic in self.topic_admin().create() if topic.result == "created"]
            self._tell(f"topics: {len(created)} created" if created else "topics: all there")

    def wait_until_serving(self) -> None:
        """Return once recorder and gates serve; raises PipelineError after a minute."""
        admin = self.topic_admin()
        group = GateSettings().group
        waiting: dict[str, Callable[[], bool]] = {
            "recorder": self._door.is_open,
            "gates": lambda: admin.group_member_count(group) >= self.plan.gates,
        }
        if self.console_address is not None:
            waiting["console"] = self._console_answers
        deadline = time.monotonic() + _SERVING_WAIT_S
        while waiting:
            self._supervisor.require_all_running()
            for name in [name for name, serves in waiting.items() if serves()]:
                del waiting[name]
                self._tell(f"{name}: ready")
            if waiting and time.monotonic() > deadline:
                raise PipelineError(
                    f"{' and '.join(waiting)} did not become ready within {_SERVING_WAIT_S:g} s. "
                    f"Read the logs in {self.plan.log_folder}."
                )
            time.sleep(_POLL_S if waiting else 0)
