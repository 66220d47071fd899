"""The watchdog ends a process whose loop stands still, and no other."""

import subprocess
import sys
import threading

from disclosure_consumers.watchdog import EXIT_CODE, Watchdog

STUCK = """
import time
from disclosure_consumers.watchdog import Watchdog
with Watchdog(0.2) as watchdog:
    watchdog.seen_by(lambda: False)()
    time.sleep(60)
"""


def test_a_process_whose_loop_stands_still_is_ended() -> None:
    """A call that does not return ends the process, with a code and a line that says why."""
    done = subprocess.run(
        [sys.executable, "-c", STUCK], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == EXIT_CODE
    assert "the loop stands still" in done.stdout + done.stderr


def test_a_loop_that_asks_to_go_on_is_left_alone() -> None:
    """Each question shows life, whatever its answer; without one for long enough the end comes, once."""
    now_s, ends, ended = [0.0], [0], threading.Event()

    def end() -> None:
        ends[0] += 1
        ended.set()

    with Watchdog(0.05, end=end, clock_s=lambda: now_s[0]) as watchdog:
        should_stop = watchdog.seen_by(lambda: False)
        for _ in range(5):
            now_s[0] += 0.04
            assert should_stop() is False
            assert not ended.wait(0.02)
        now_s[0] += 0.06
        assert ended.wait(10)
    assert ends == [1]


def test_a_loop_that_has_ended_is_not_watched() -> None:
    """After the block nothing ends the process, however late it is."""
    ended = threading.Event()
    now_s = [0.0]
    with Watchdog(0.05, end=ended.set, clock_s=lambda: now_s[0]):
        pass
    now_s[0] += 100
    assert not ended.wait(0.1)
