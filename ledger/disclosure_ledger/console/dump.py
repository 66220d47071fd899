"""Bytes as people look at them: offset, hexadecimal, letters. Pure."""

SHOWN_MAX = 1_024
_STEP = 16


def dump(data: bytes) -> str:
    """The first bytes, sixteen a line."""
    lines = []
    for offset in range(0, min(len(data), SHOWN_MAX), _STEP):
        part = data[offset : offset + _STEP]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{offset:06x}  {part.hex(' '):<{_STEP * 3}} {letters}")
    return "\n".join(lines)
