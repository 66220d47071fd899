"""`disclosures access create-key|list-keys|revoke-key|login`."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from disclosure_ledger.access.roles import ROLE_MEANINGS, Role
from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.output import JsonFlag, print_json, print_table, say

if TYPE_CHECKING:
    from disclosure_ledger.access.key_store import KeyStore

access = App(name="access", help="Keys of applications and one-time logins for the API and the console.")

_ROLES = "; ".join(f"{role} ({meaning})" for role, meaning in ROLE_MEANINGS.items())
Roles = Annotated[
    tuple[Role, ...], Parameter(name="--role", negative=(), help=f"Repeat for several: {_ROLES}.")
]


@access.command(name="create-key")
def create_key(
    name: Annotated[str, Parameter(help="Whose key: the application; also the emitter of what it sends.")],
    *,
    role: Roles,
    days: Annotated[
        int | None, Parameter(help="Days after which it works no more; without it never.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a key for an application and print it, once: only a digest is kept.

    Example: `disclosures access create-key crm --role emitter`. The application sends it as
    `Authorization: Bearer KEY`. A running recorder knows it at once.
    """
    from disclosure_ledger.access.keys import new_key  # noqa: PLC0415

    now = datetime.now(UTC)
    if days is not None and days < 1:
        raise UsageError(f"--days is 1 or more, got {days}.")
    key = new_key(name, frozenset(role), now, None if days is None else now + timedelta(days=days))
    with _store() as store:
        store.add(key.stored)
    if as_json:
        print_json({"id": key.stored.id, "name": name, "roles": sorted(role), "key": key.text})
    else:
        say(key.text)


@access.command(name="list-keys")
def list_keys(*, as_json: JsonFlag = False) -> None:
    """List every key by id, with its roles and whether it works; never the key itself."""
    now = datetime.now(UTC)
    with _store() as store:
        keys = store.keys()
    if as_json:
        print_json(
            [
                {
                    "id": key.id,
                    "name": key.name,
                    "roles": sorted(key.roles),
                    "created_at": key.created_at,
                    "expires_at": key.expires_at,
                    "revoked_at": key.revoked_at,
                    "valid": key.is_valid(now),
                }
                for key in keys
            ]
        )
        return
    print_table(
        ("Id", "Name", "Roles", "Created at", "Works"),
        [
            (
                key.id,
                key.name,
                ", ".join(sorted(key.roles)),
                key.created_at.isoformat(timespec="seconds"),
                "yes" if key.is_valid(now) else "revoked" if key.revoked_at else "expired",
            )
            for key in keys
        ],
    )
    say(f"{len(keys):,} keys")


@access.command(name="revoke-key")
def revoke_key(
    key_id: Annotated[str, Parameter(help="Id of the key, as `list-keys` prints it.")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Let a key work no more; a running recorder knows it at once."""
    with _store() as store:
        key = store.revoke(key_id, datetime.now(UTC))
    if as_json:
        print_json({"id": key.id, "name": key.name, "revoked_at": key.revoked_at})
    else:
        say(f"key {key.id} of {key.name} works no more")


@access.command
def login(
    *,
    role: Roles = (Role.ANALYST,),
    name: Annotated[str, Parameter(help="Whose login, as the access log will have it.")] = "one-time",
    as_json: JsonFlag = False,
) -> None:
    """Print the address of a login that works once, within 15 minutes; needs no OpenID provider."""
    from disclosure_ledger.api.settings import ApiSettings  # noqa: PLC0415

    settings = ApiSettings()
    with _store() as store:
        text = store.new_login(name, frozenset(role), datetime.now(UTC))
    address = f"{settings.base_url}/sign-in?login={text}" if settings.port or settings.public_url else None
    if as_json:
        print_json({"login": text, "address": address, "roles": sorted(role)})
    else:
        say(address or text)


def _store() -> "KeyStore":
    from disclosure_ledger.access.key_store import KeyStore  # noqa: PLC0415
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    return KeyStore(LedgerSettings().dir)
