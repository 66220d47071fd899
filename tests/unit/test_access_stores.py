"""Keys, one-time logins and sessions: what works, for how long, and what is kept of a secret."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from disclosure_ledger.access.errors import AccessError, CredentialsRefusedError, KeyNotFoundError
from disclosure_ledger.access.key_store import FILE_NAME, LOGIN_VALID, KeyStore
from disclosure_ledger.access.keys import new_key
from disclosure_ledger.access.roles import Principal, Role
from disclosure_ledger.access.sessions import AGE_MAX, IDLE_MAX, Sessions

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
ROLES = frozenset({Role.EMITTER, Role.ANALYST})
MOMENT = timedelta(microseconds=1)


def test_a_key_says_whose_it_is_until_it_expires(tmp_path: Path) -> None:
    """Name and roles come back; from the moment of expiry on it is refused."""
    key = new_key("crm", ROLES, NOW, NOW + timedelta(days=1))
    with KeyStore(tmp_path) as store:
        store.add(key.stored)
        assert store.principal(key.text, NOW) == Principal("crm", ROLES, "key")
        assert store.principal(key.text, NOW + timedelta(days=1) - MOMENT).name == "crm"
        with pytest.raises(CredentialsRefusedError):
            store.principal(key.text, NOW + timedelta(days=1))


def test_a_key_made_or_revoked_elsewhere_counts_at_once(tmp_path: Path) -> None:
    """A running recorder sees what the command line does at its next request."""
    key = new_key("crm", ROLES, NOW)
    with KeyStore(tmp_path) as recorder, KeyStore(tmp_path) as command:
        with pytest.raises(CredentialsRefusedError):
            recorder.principal(key.text, NOW)
        command.add(key.stored)
        assert recorder.principal(key.text, NOW).name == "crm"
        command.revoke(key.stored.id, NOW)
        with pytest.raises(CredentialsRefusedError):
            recorder.principal(key.text, NOW)
        later = NOW + timedelta(days=1)
        assert command.revoke(key.stored.id, later).revoked_at == NOW
        with pytest.raises(KeyNotFoundError):
            command.revoke("0" * 12, NOW)


def test_another_secret_under_a_known_id_is_refused_and_never_repeated(tmp_path: Path) -> None:
    """Neither the id nor half of a key is enough; the error has nothing of what was sent."""
    key, other = new_key("crm", ROLES, NOW), new_key("erp", ROLES, NOW)
    with KeyStore(tmp_path) as store:
        store.add(key.stored)
        mixed = f"dlk_{key.stored.id}_{other.text[-43:]}"
        for text in (mixed, key.text[:-1], key.text + "A", "", key.stored.id):
            with pytest.raises(CredentialsRefusedError) as refused:
                store.principal(text, NOW)
            assert other.text[-43:] not in str(refused.value)
        assert key.text not in repr(key)


def test_what_is_kept_is_no_secret_and_for_its_owner_alone(tmp_path: Path) -> None:
    """Neither keys nor logins are in the file, which nobody else may read; salts differ."""
    keys = [new_key("crm", ROLES, NOW) for _ in range(2)]
    with KeyStore(tmp_path) as store:
        for key in keys:
            store.add(key.stored)
        login = store.new_login("ann", ROLES, NOW)
        content = b"".join(path.read_bytes() for path in tmp_path.glob(f"{FILE_NAME}*"))
        assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    for text in (*(key.text for key in keys), login):
        assert text[-43:].encode() not in content
    assert keys[0].stored.salt != keys[1].stored.salt
    assert re.fullmatch(r"dlk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", keys[0].text)


def test_a_login_works_once_also_when_two_come_at_once(tmp_path: Path) -> None:
    """Of many that come with the same login, from two processes' connections, one is let in."""
    with KeyStore(tmp_path) as one, KeyStore(tmp_path) as another, ThreadPoolExecutor(8) as pool:
        text = one.new_login("ann", ROLES, NOW)

        def use(store: KeyStore) -> bool:
            try:
                return store.use_login(text, NOW) == Principal("ann", ROLES, "session")
            except CredentialsRefusedError:
                return False

        assert list(pool.map(use, [one, another] * 8)).count(True) == 1


def test_a_login_ends_after_fifteen_minutes(tmp_path: Path) -> None:
    """Up to its end it works, from then on it is refused, and a made-up one always."""
    with KeyStore(tmp_path) as store:
        assert store.use_login(store.new_login("ann", ROLES, NOW), NOW + LOGIN_VALID - MOMENT).name == "ann"
        for text in (store.new_login("ann", ROLES, NOW), "dll_" + "A" * 43, "x"):
            with pytest.raises(CredentialsRefusedError):
                store.use_login(text, NOW + LOGIN_VALID)


def test_a_file_that_is_no_key_store_is_said_so(tmp_path: Path) -> None:
    """Something else in its place, or a folder that cannot be, is one clear error."""
    (tmp_path / FILE_NAME).write_bytes(b"no database at all, but some text" * 50)
    with pytest.raises(AccessError, match="cannot be opened"):
        KeyStore(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(AccessError):
        KeyStore(tmp_path / "file")


@pytest.mark.parametrize("name", ["", "a b", "-crm", "a@example.com", "x" * 65])
def test_a_key_needs_a_name_without_surprises_and_a_role(name: str) -> None:
    """Names are those of applications; an address or a blank is refused, as is a key for nothing."""
    with pytest.raises(CredentialsRefusedError):
        new_key(name, ROLES, NOW)
    with pytest.raises(CredentialsRefusedError, match="needs a role"):
        new_key("crm", frozenset(), NOW)


def test_a_session_ends_by_rest_by_age_and_by_signing_out() -> None:
    """Use keeps it alive up to its greatest age; each end is final."""
    sessions: Sessions[str] = Sessions()
    idle, used, ended = (sessions.begin(name, NOW) for name in ("idle", "used", "ended"))
    assert sessions.end(ended) == "ended"
    assert (sessions.get(ended, NOW), sessions.end(ended)) == (None, None)
    at, step = NOW, IDLE_MAX - MOMENT
    while at + step - NOW < AGE_MAX:
        at += step
        assert sessions.get(used, at) == "used"
    assert sessions.get(idle, NOW + IDLE_MAX) is None
    assert sessions.get(used, NOW + AGE_MAX) is None


def test_sessions_have_ids_that_nobody_guesses_and_a_bound() -> None:
    """Ids have 256 random bits; beyond the bound the oldest ends, and what is over makes room first."""
    sessions: Sessions[int] = Sessions(most=3)
    ids = [sessions.begin(number, NOW) for number in range(4)]
    assert len({*ids}) == 4
    assert min(map(len, ids)) >= 43
    assert [sessions.get(text, NOW) for text in ids] == [None, 1, 2, 3]
    later = NOW + IDLE_MAX - MOMENT
    assert sessions.get(ids[3], later) == 3
    fresh = sessions.begin(4, NOW + IDLE_MAX)
    assert [sessions.get(text, NOW + IDLE_MAX) for text in (ids[3], fresh)] == [3, 4]
