"""An operator at a desk: a copy of the repository, a local cloud of their own, the CLI."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
import psutil
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
REGION = "us-east-1"
ACCOUNT = "000000000000"
# One call for every service, so no service's type; one session reads each service's model once.
_SESSION: Any = boto3.Session()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(kw_only=True)
class Operator:
    """Types commands in `folder`, against the local cloud at `port`, with the keys it holds."""

    folder: Path
    port: int
    enforced: bool = False
    pace: float = 1
    """How many times as fast the local cloud's waits pass."""

    keys: Mapping[str, str] = field(default_factory=lambda: dict(ROOT_KEYS))
    account: str = ACCOUNT
    environment: str = "local"
    """Whose stacks are looked at; a verb is told with --env."""

    more: Mapping[str, str] = field(default_factory=dict)
    """Further variables of the shell, such as AWS_CONFIG_FILE."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_root(self) -> bool:
        """Whether the keys are an account's root's, which nobody uses in daily work."""
        return self.keys["AWS_ACCESS_KEY_ID"] in (ROOT_KEYS["AWS_ACCESS_KEY_ID"], self.account)

    def root_of(self, account: str, environment: str) -> "Operator":
        """The administrator of another account: the local cloud takes its id for its root."""
        keys = {**ROOT_KEYS, "AWS_ACCESS_KEY_ID": account}
        return replace(self, keys=keys, account=account, environment=environment)

    def variables(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **kept,
            **self.keys,
            **self.more,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "PYTHONPATH": str(self.folder),
            "CI": "true",
        }

    def types(self, *words: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
        """A command of the CLI, or of Python, whatever comes of it."""
        return subprocess.run(
            _program(words),
            cwd=self.folder,
            env=self.variables(),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def starts(self, *words: str) -> subprocess.Popen[str]:
        """A command that goes on while the test does."""
        return subprocess.Popen(
            _program(words),
            cwd=self.folder,
            env=self.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,  # as a shell starts it, so that Ctrl-C can be typed
        )

    def gets(self, *words: str) -> str:
        """The standard output of a command that must succeed."""
        finished = self.types(*words)
        assert finished.returncode == 0, f"{words}\n{finished.stdout}\n{finished.stderr}"
        return finished.stdout

    def gets_json(self, *words: str) -> Any:
        """The JSON answer of a verb that must succeed."""
        return json.loads(self.gets(*words, "--json"))

    def is_refused(self, *words: str) -> str:
        """The one line that refuses a command."""
        finished = self.types(*words)
        assert finished.returncode == 1, f"{words}\n{finished.stdout}\n{finished.stderr}"
        line = finished.stderr.strip().splitlines()[-1]
        assert line.startswith("darkroom: "), finished.stderr
        assert "Traceback" not in finished.stderr
        return line

    def cdk(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The plain CDK CLI, as `npx cdk` would run it."""
        binaries = Path(sys.executable).parent
        variables = self.variables()
        variables["PATH"] = f"{binaries}:{variables['PATH']}"
        cli = self.folder / "node_modules" / "aws-cdk" / "bin" / "cdk"
        return subprocess.run(
            [str(binaries / "node"), str(cli), *words],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    def outputs_of(self, stack: str) -> dict[str, str]:
        """The outputs of one of the environment's stacks, such as `serving`."""
        cloudformation = self.client("cloudformation")
        name = f"darkroom-{self.environment}-{stack}"
        described = cloudformation.describe_stacks(StackName=name)["Stacks"]
        return {row["OutputKey"]: row["OutputValue"] for row in described[0]["Outputs"]}

    def client(self, service: str) -> Any:
        """A plain boto3 client, as anybody's program would make it."""
        return _SESSION.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=self.keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=self.keys.get("AWS_SESSION_TOKEN"),
            config=Config(retries={"max_attempts": 1}),
        )

    def waits_until_it_logs(self, job: str, text: str, seconds: float = 120) -> None:
        """Until the training job's log has a line with `text`."""
        logs = self.client("logs")
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            with contextlib.suppress(ClientError):
                found = logs.filter_log_events(logGroupName="/aws/sagemaker/TrainingJobs")
                events = [e for e in found["events"] if e["logStreamName"].startswith(f"{job}/")]
                if any(text in event["message"] for event in events):
                    return
            time.sleep(0.2)
        raise AssertionError(f"training job {job} did not log {text!r} within {seconds} seconds")

    def owns(self, process: psutil.Process) -> bool:
        """Whether a process works below this operator's folder."""
        base = process.environ().get("SAGEMAKER_BASE_DIR", "")
        return base.startswith(str(self.folder))

    def starts_the_cloud(self) -> None:
        self.gets("darkroom", "local", "up", *self._choices())

    def stops_the_cloud(self) -> None:
        self.gets("darkroom", "local", "down")

    def kills_the_cloud(self) -> None:
        """SIGKILL to the local cloud's process: nothing is said good-bye to."""
        status = json.loads(self.gets("darkroom", "local", "status", "--json"))
        os.kill(int(status["pid"]), signal.SIGKILL)

    def _choices(self) -> tuple[str, ...]:
        auth = ("--auth",) if self.enforced else ()
        return ("--port", str(self.port), "--pace", str(self.pace), *auth)


def ends_well(process: subprocess.Popen[str], code: int = 0, timeout: float = 240) -> str:
    """The standard output of a command that was started, which must end with this exit code."""
    output, progress = process.communicate(timeout=timeout)
    assert process.returncode == code, f"{process.args!r}\n{output}\n{progress}"
    return output


def _program(words: tuple[str, ...]) -> list[str]:
    if words[0] == "darkroom":
        return [sys.executable, "-m", "scripts", *words[1:]]
    return [sys.executable, *words[1:]]
