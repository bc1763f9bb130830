"""State reaches the disk soon after it changed (local/adapter/autosave.py)."""

import asyncio
import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local.adapter.autosave import Autosave, write_together
from tests.local.running_cloud import RunningCloud, eventually


class Services:
    """Two services whose state a test changes."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {"s3": {}, "iam": {}, "broken": None}
        self.asked = 0

    def saved(self) -> dict[str, Any]:
        self.asked += 1
        return {name: partial(self.state.get, name) for name in self.state}


def autosave(services: Services, directory: Path) -> Autosave:
    return Autosave(
        services.saved, lambda _name, state: json.dumps(state), directory, quiet_seconds=0.01
    )


async def until(probe: Any) -> None:
    async with asyncio.timeout(10):
        while not probe():
            await asyncio.sleep(0.005)


def test_a_change_is_saved_and_a_quiet_cloud_is_left_alone(tmp_path: Path) -> None:
    async def story() -> None:
        services = Services()
        saver = autosave(services, tmp_path)
        running = asyncio.ensure_future(saver.run())
        await asyncio.sleep(0)
        services.state["iam"] = {"role": 1}
        await asyncio.to_thread(saver.changed)
        await until((tmp_path / "iam.json").exists)
        assert json.loads((tmp_path / "iam.json").read_text()) == {"role": 1}
        await until(lambda: not saver._wake.is_set() and services.asked >= 2)
        calm = services.asked
        await asyncio.sleep(0.1)
        assert services.asked == calm  # nothing changed, so nobody looked
        running.cancel()

    asyncio.run(story())


def test_a_service_whose_state_cannot_be_read_does_not_keep_the_others_from_disk(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        services = Services()
        services.state = {"broken": object(), "iam": {"role": 1}}
        await autosave(services, tmp_path).save_now()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["iam.json"]
        assert "the state of broken could not be read" in caplog.text

    asyncio.run(story())


def test_only_the_services_that_changed_are_written(tmp_path: Path) -> None:
    async def story() -> None:
        services = Services()
        saver = autosave(services, tmp_path)
        await saver.save_now()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["iam.json", "s3.json"]
        (tmp_path / "iam.json").unlink()
        services.state["s3"] = {"bucket": 1}
        await saver.save_now()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["s3.json"]

    asyncio.run(story())


def test_a_full_disk_is_reported_and_the_next_save_tries_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        services = Services()
        blocked = tmp_path / "state"
        blocked.write_text("a file where the directory should be")
        saver = autosave(services, blocked)
        await saver.save_now()
        assert "could not be saved" in caplog.text
        blocked.unlink()
        await saver.save_now()
        assert (blocked / "s3.json").exists()

    asyncio.run(story())


def test_the_last_save_waits_for_the_one_that_is_being_written(tmp_path: Path) -> None:
    async def story() -> None:
        services = Services()
        services.state = {"s3": {"bucket": 1}}
        saver = autosave(services, tmp_path)
        slow = tmp_path / "s3.json.saving"
        os.mkfifo(slow)  # whoever writes it waits for a reader
        running = asyncio.ensure_future(saver.run())
        saver.changed()
        await until(lambda: services.asked)
        running.cancel()
        services.state["iam"] = {"role": 1}
        last = asyncio.ensure_future(saver.save_now())
        await asyncio.wait({last}, timeout=0.1)
        overtaken = (tmp_path / "iam.json").exists()
        reader = os.open(slow, os.O_RDONLY | os.O_NONBLOCK)
        slow.unlink()  # that save fails, as on a full disk; the last one makes up for it
        await last
        os.close(reader)
        assert not overtaken
        assert sorted(path.name for path in tmp_path.iterdir()) == ["iam.json", "s3.json"]

    asyncio.run(story())


def test_no_half_written_file_is_left_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "s3.json").write_text("old")
    (tmp_path / "iam.json.saving").mkdir()  # writing the second file fails
    with pytest.raises(OSError, match=r"iam\.json\.saving"):
        write_together(tmp_path, {"s3": "new", "iam": "new"})
    assert (tmp_path / "s3.json").read_text() == "old"


def test_a_service_of_the_emulator_is_on_disk_soon_after_it_changed(cloud: RunningCloud) -> None:
    cloud.client("ssm").put_parameter(Name="/saved/soon", Value="yes", Type="String")
    eventually(lambda: "/saved/soon" in cloud.saved("ssm"))
