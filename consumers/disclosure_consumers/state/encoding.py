"""One subject's state as bytes, exact both ways.

Nearly every subject has said one thing. That takes about 20 bytes, the plain form:

    head 1 | content number 1 | event id 16 | how far the moment is from the id's own, signed, 0.. bytes

`head` below PLAIN_FORMS is this form and the number of the subject type. Any other state is

    head 1 | facts, ties (each: their number, then each of them), numbers as varints

Integers are of any size. A moment is written as its distance in microseconds from the milliseconds that an
event id (UUID version 7) begins with.
"""

from disclosure_consumers.core.subject.facts import Content, Fact, SubjectState, Tie
from disclosure_consumers.state.contents import ContentTable, content_from_bytes, content_to_bytes
from disclosure_schemas.events.vocabulary import LinkAction, SubjectType

# Their order is part of the format.
_TYPES = (
    SubjectType.UNKNOWN,
    SubjectType.ACCOUNT,
    SubjectType.PROFILE,
    SubjectType.DEVICE,
    SubjectType.HOUSEHOLD,
)
_ACTIONS = (LinkAction.UNKNOWN, LinkAction.LINK, LinkAction.UNLINK, LinkAction.MISTAKEN)
_TYPE_NUMBERS = {subject_type: number for number, subject_type in enumerate(_TYPES)}
_ACTION_NUMBERS = {action: number for number, action in enumerate(_ACTIONS)}
PLAIN_FORMS = len(_TYPES)


class StateEncoding:
    """Encodes and decodes states, with the contents of one table."""

    def __init__(self, contents: ContentTable) -> None:
        self._contents = contents

    def encode(self, state: SubjectState) -> bytes:
        """Encode one state."""
        head = _TYPE_NUMBERS[state.subject_type]
        if len(state.facts) == 1 and not state.ties:
            at_us, event_id, content, other_us = state.facts[0]
            number = self._contents.number_of(content)
            if other_us is None and number is not None and number < 256:
                return bytes((head, number)) + event_id + _signed_bytes(at_us - _made_us(event_id))
        out = _Writer()
        out.bytes.append(PLAIN_FORMS + head)
        out.number(len(state.facts))
        for fact in state.facts:
            self._write_fact(out, fact)
        out.number(len(state.ties))
        for tie in state.ties:
            out.bytes += tie.event_id + tie.other
            out.number(_ACTION_NUMBERS[tie.action])
            out.signed(tie.at_us - _made_us(tie.event_id))
        return bytes(out.bytes)

    def decode(self, data: bytes) -> SubjectState:
        """Decode what `encode` made; anything else raises ValueError, IndexError or TypeError."""
        head = data[0]
        if head < PLAIN_FORMS:
            event_id = data[2:18]
            at_us = _made_us(event_id) + int.from_bytes(data[18:], "little", signed=True)
            return SubjectState(_TYPES[head], (Fact(at_us, event_id, self._contents.by_number[data[1]]),))
        read = _Reader(data, 1)
        facts = tuple(self._read_fact(read) for _ in range(read.number()))
        ties = tuple(_read_tie(read) for _ in range(read.number()))
        if read.at != len(data):
            raise ValueError(f"{len(data) - read.at} bytes are left over")
        return SubjectState(_TYPES[head - PLAIN_FORMS], facts, ties)

    def _write_fact(self, out: "_Writer", fact: Fact) -> None:
        number = self._contents.number_of(fact.content)
        if number is None:
            written_out = content_to_bytes(fact.content)
            out.number(0)
            out.number(len(written_out))
            out.bytes += written_out
        else:
            out.number(number + 1)
        out.bytes += fact.event_id
        out.signed(fact.at_us - _made_us(fact.event_id))
        out.number(fact.other_us is not None)
        if fact.other_us is not None:
            out.signed(fact.other_us - fact.at_us)

    def _read_fact(self, read: "_Reader") -> Fact:
        number = read.number()
        content: Content
        content = (
            self._contents.by_number[number - 1] if number else content_from_bytes(read.some(read.number()))
        )
        event_id = read.some(16)
        at_us = _made_us(event_id) + read.signed()
        other_us = at_us + read.signed() if read.number() else None
        return Fact(at_us, event_id, content, other_us)


def _read_tie(read: "_Reader") -> Tie:
    event_id, other = read.some(16), read.some(16)
    action = _ACTIONS[read.number()]
    return Tie(_made_us(event_id) + read.signed(), event_id, other, action)


def _made_us(event_id: bytes) -> int:
    """When an event id says it was made."""
    return int.from_bytes(event_id[:6]) * 1000


def _signed_bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 8) // 8 if number else 0, "little", signed=True)


class _Writer:
    def __init__(self) -> None:
        self.bytes = bytearray()

    def number(self, number: int) -> None:
        """Write a number from 0: seven bits a byte, the lowest first."""
        while number > 0x7F:
            self.bytes.append(number & 0x7F | 0x80)
            number >>= 7
        self.bytes.append(number)

    def signed(self, number: int) -> None:
        """Write any number, its sign in the lowest bit."""
        self.number(number << 1 if number >= 0 else ~number << 1 | 1)


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def number(self) -> int:
        """Read a number from 0."""
        number = shift = 0
        while True:
            byte = self._data[self.at]
            self.at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7

    def signed(self) -> int:
        """Read any number."""
        number = self.number()
        return ~(number >> 1) if number & 1 else number >> 1

    def some(self, length: int) -> bytes:
        """Read that many bytes."""
        found = self._data[self.at : self.at + length]
        self.at += length
        return found
