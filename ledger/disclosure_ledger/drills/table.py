"""Every drill, by name."""

from disclosure_ledger.drills.broker_down import BROKER_DOWN
from disclosure_ledger.drills.clock_skew import CLOCK_SKEW
from disclosure_ledger.drills.disk_full import DISK_FULL
from disclosure_ledger.drills.drill import Drill
from disclosure_ledger.drills.gate_kill import GATE_KILL
from disclosure_ledger.drills.poison import POISON
from disclosure_ledger.drills.recorder_kill import RECORDER_KILL

DRILLS: dict[str, Drill] = {
    drill.name: drill for drill in (BROKER_DOWN, GATE_KILL, RECORDER_KILL, DISK_FULL, POISON, CLOCK_SKEW)
}
