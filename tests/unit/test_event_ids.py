"""Event ids against RFC 9562; `tests/properties` has the rest."""

import uuid

import pytest

from disclosure_schemas.event_ids import event_id_bytes, event_id_source, new_event_id, unix_ms_of


def test_the_example_of_the_rfc() -> None:
    """The test vector of RFC 9562, appendix A.6: its time and random bits make its UUID."""
    random_bits = (0xCC3 << 64) | (0x18C4DC0C0C07398F & ((1 << 62) - 1))
    made = uuid.UUID(bytes=event_id_bytes(0x017F22E279B0, random_bits.to_bytes(10)))
    assert str(made) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_a_new_id_tells_its_time() -> None:
    """The milliseconds an id was made for are read back from it."""
    assert unix_ms_of(new_event_id(1_775_494_800_123)) == 1_775_494_800_123


def test_ids_of_one_millisecond_differ() -> None:
    """Ten thousand ids of the same millisecond, over many pools of randomness, are all different."""
    make = event_id_source()
    assert len({make(1_775_494_800_123) for _ in range(10_000)}) == 10_000


def test_randomness_is_asked_for_once_in_512_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """The source takes 5,120 bytes at a time and uses each of them once."""
    asked: list[int] = []

    def urandom(size: int) -> bytes:
        asked.append(size)
        return bytes(index % 251 for index in range(size))

    monkeypatch.setattr("disclosure_schemas.event_ids.os.urandom", urandom)
    make = event_id_source()
    made = [make(0) for _ in range(513)]
    assert asked == [5120, 5120]
    assert made[1] == event_id_bytes(0, bytes(range(10, 20)))
    assert made[512] == made[0]


@pytest.mark.parametrize("unix_ms", [-1, 2**48])
def test_a_time_out_of_range_makes_no_id(unix_ms: int) -> None:
    """Milliseconds that do not fit 48 bits raise instead of making an id of another time."""
    with pytest.raises(OverflowError):
        event_id_bytes(unix_ms, bytes(10))
