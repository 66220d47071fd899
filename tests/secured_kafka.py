"""Apache Kafka with TLS, passwords and access rules: nobody may do anything that no rule allows."""

from collections.abc import Callable, Mapping
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType

from certificates import Certificate
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.brokers.local import LOOPBACK, Setting
from disclosure_producers.settings import KafkaSettings
from kafka_fixtures import JAR_CACHE

USERS = ("admin", "app", "centre", "gate", "recorder")
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"

Rule = tuple[str, ResourceType, str, tuple[AclOperation, ...]]
"""User, kind of resource, its name (with a dash at its end: all that begin so), what is allowed."""


def password(user: str) -> str:
    """Password of a user."""
    return f"{user}-of-the-tests"


class SecuredKafka(ApacheKafka):
    """One node whose clients, and whose controller, come over SASL_SSL; `admin` alone needs no rule."""

    def __init__(self, home: Path, certificate: Certificate) -> None:
        super().__init__(home, cache=JAR_CACHE)
        self._certificate = certificate

    def settings(self, user: str) -> KafkaSettings:
        """What a process of a user is given."""
        return KafkaSettings(bootstrap=self.bootstrap, client=self.client(user))

    def client(self, user: str) -> Mapping[str, str]:
        """Value of DISCLOSURE_KAFKA_CLIENT."""
        return {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": user,
            "sasl.password": password(user),
            "ssl.ca.location": str(self._certificate.authority),
        }

    def server_properties(self) -> dict[str, Setting]:
        """The node's settings, secured."""
        controller = f"{LOOPBACK}:{self._ports['controller']}"
        users = " ".join(f'user_{user}="{password(user)}"' for user in USERS)
        login = f'{_PLAIN} required username="admin" password="{password("admin")}" {users};'
        return {
            **super().server_properties(),
            "listeners": f"SASL_SSL://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"SASL_SSL://{self.bootstrap}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:SASL_SSL",
            "inter.broker.listener.name": "SASL_SSL",
            "sasl.enabled.mechanisms": "PLAIN",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": login,
            "listener.name.controller.plain.sasl.jaas.config": login,
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._certificate.both),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self._certificate.authority),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": "User:admin",
        }

    def allow(self, rules: list[Rule]) -> None:
        """Add access rules."""
        bindings = [
            AclBinding(
                kind,
                name,
                ResourcePatternType.PREFIXED if name.endswith("-") else ResourcePatternType.LITERAL,
                f"User:{user}",
                "*",
                operation,
                AclPermissionType.ALLOW,
            )
            for user, kind, name, operations in rules
            for operation in operations
        ]
        admin = AdminClient({**self.settings("admin").client_config()})
        for made in admin.create_acls(bindings).values():
            made.result(30)

    def _readiness(self) -> Callable[[], bool]:
        admin = AdminClient({**self.settings("admin").client_config(), "log_level": 0})

        def is_ready() -> bool:
            try:
                return bool(admin.list_topics(timeout=2).brokers)
            except KafkaException:
                return False

        return is_ready
