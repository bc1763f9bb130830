"""`darkroom diff` as a reviewer or a pipeline types it, with nothing to reach and no keys."""

import os
import subprocess
import sys
from pathlib import Path

from tests.checkout import CHECKOUT

_NOWHERE = "http://127.0.0.1:9"


def darkroom_diff(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, whatever comes of it.

    PYTHONPATH leads to another tree than the one that is compared: neither side may see it.
    """
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GIT_"))
    }
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
    return subprocess.run(
        [sys.executable, "-m", "scripts", "diff", *words],
        cwd=folder,
        env={**kept, **proxies, "PYTHONPATH": str(CHECKOUT), "CI": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
