"""When a drill is refused, and how its child processes end."""

import subprocess
import sys
from dataclasses import replace

import pytest

from config.environments import LOCAL
from config.rollout import AllAtOnce
from config.traffic import Single
from scripts.drill import champion_of, check_settings
from scripts.drilling.stage import _wait
from scripts.errors import Refused


def test_settings_that_undo_nothing_are_refused_with_the_fix() -> None:
    watching_nothing = replace(LOCAL, alarms=None, rollout=AllAtOnce())
    with pytest.raises(Refused, match=r"undoes no bad release: alarms=None.*AlarmSettings\(\)"):
        check_settings(watching_nothing)
    undoing_nothing = replace(LOCAL, rollout=AllAtOnce())
    with pytest.raises(Refused, match=r"rollout\.auto_rollback=False"):
        check_settings(undoing_nothing)


def test_an_environment_without_a_real_time_endpoint_is_refused() -> None:
    serverless_alone = replace(
        LOCAL, realtime=None, traffic=Single(), capture=None, rollout=AllAtOnce()
    )
    with pytest.raises(Refused, match="has no real-time endpoint"):
        check_settings(serverless_alone)


def test_an_environment_without_a_release_is_refused_with_the_verb_that_makes_one() -> None:
    with pytest.raises(Refused, match="darkroom release JOB --env nowhere"):
        champion_of(replace(LOCAL, name="nowhere"))


def test_an_interrupted_wait_ends_the_process_and_stays_an_interrupt() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _wait(process, interrupt)
    assert process.returncode is not None
