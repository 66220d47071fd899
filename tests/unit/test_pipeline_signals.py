"""Signals: an event for loops, an exception for one-off work, and a last resort for what hangs."""

import contextlib
import signal
import subprocess
import sys

import pytest

from disclosure_ledger.pipeline.signals import interrupted_by_signal, signals_held_back, stop_on_signal

WAIT_S = 20.0
BOTH = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", BOTH, ids=lambda number: number.name)
def test_a_signal_sets_the_event(number: signal.Signals) -> None:
    """Within the block a signal only sets the event; afterwards the former handler is back."""
    former = signal.getsignal(number)
    with stop_on_signal() as stop:
        assert not stop.is_set()
        signal.raise_signal(number)
        assert stop.is_set()
    assert signal.getsignal(number) is former


def test_sigterm_does_what_ctrl_c_does() -> None:
    """Within the block SIGTERM raises KeyboardInterrupt, so that what was begun is cleaned up."""
    with pytest.raises(KeyboardInterrupt), interrupted_by_signal():
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("number", BOTH, ids=lambda number: number.name)
def test_a_signal_that_got_lost_comes_at_the_end(number: signal.Signals) -> None:
    """Where the exception was swallowed, as a C library's callback does, the end of the block raises it."""
    with pytest.raises(KeyboardInterrupt), interrupted_by_signal(), contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(number)


@pytest.mark.parametrize("number", BOTH, ids=lambda number: number.name)
def test_cleaning_up_is_not_disturbed(number: signal.Signals) -> None:
    """Within the block signals do nothing."""
    with signals_held_back():
        signal.raise_signal(number)


def run_until_term(give_up_after_s: float, after_signal: str) -> "subprocess.CompletedProcess[str]":
    """A process that does something after it was asked to stop."""
    code = (
        "import signal, time\n"
        "from disclosure_ledger.pipeline.signals import stop_on_signal\n"
        f"with stop_on_signal(give_up_after_s={give_up_after_s}) as stop:\n"
        "    print('ready', flush=True)\n"
        "    stop.wait()\n"
        f"    {after_signal}\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.terminate()
    out, errors = process.communicate(timeout=WAIT_S)
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


def test_what_hangs_after_the_signal_ends_by_force() -> None:
    """A block that never ends is ended after its time, with exit code 1 and a line that says so."""
    done = run_until_term(0.05, "time.sleep(600)")
    assert done.returncode == 1
    assert "ending at once" in done.stderr


def test_what_ends_in_time_ends_in_order() -> None:
    """A block that ends in its time is not disturbed."""
    done = run_until_term(WAIT_S, "print('drained')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "drained\n", "")
