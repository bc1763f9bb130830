"""The environments with other release files: `python -m stacks.supposed_app FOLDER`.

What the templates would be if `FOLDER/<environment>.json` were the release, for somebody who wants
to know (`darkroom cost` before the first release). Apart from the environments' app, so that a
deployment never takes its releases from elsewhere.
"""

import sys
from pathlib import Path

from config.errors import ConfigurationError
from stacks.application import Application, synthesize


def main(folder: str) -> None:
    """Synthesize all environments, or say in one line what cannot be deployed."""
    try:
        synthesize(Application(releases=Path(folder)))
    except ConfigurationError as problem:
        sys.exit(f"darkroom: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(*sys.argv[1:2])
