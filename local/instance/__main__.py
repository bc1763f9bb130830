"""`python -m local.instance train|serve`: started by the cloud, spoken to over its pipes."""

import os
import signal
import sys

from local.instance import descendants
from local.instance.assignment import HostingAssignment, TrainingAssignment
from local.instance.control import ControlLine
from local.instance.wire import encode

USAGE = 2


def main() -> int:
    """Run one assignment. The exit code says nothing; the events do."""
    # The cloud decides when an instance ends; a Ctrl-C in its terminal reaches it too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    descendants.adopt()
    control = ControlLine(sys.stdin.buffer, sys.stdout.buffer)
    match sys.argv[1:]:
        case ["train"]:
            from local.instance.training import TrainingRun

            ending = TrainingRun(control.assignment(TrainingAssignment), control).run()
            control.report("finished", ending=encode(ending))
            return 0
        case ["serve"]:
            from local.instance.hosting import HostingRun

            HostingRun(control.assignment(HostingAssignment), control).run()
            return 0
    print("usage: python -m local.instance train|serve", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # The order thread is inside a read of standard input, and an orderly exit would trip over it.
    os._exit(code)
