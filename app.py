"""Every environment as CloudFormation templates: what `npx cdk` runs to know the stacks.

Without the CLI: `CDK_OUTDIR=cdk.out python app.py` writes the same templates.
"""

import sys

from config.errors import ConfigurationError
from config.mistake import mistake_in_environments


def main() -> None:
    """Synthesize all environments, or say in one line what cannot be deployed."""
    try:
        from stacks.application import synthesize  # settings are checked as they are imported

        synthesize()
    except ConfigurationError as problem:
        sys.exit(f"darkroom: {problem}")
    except Exception as problem:
        mistake = mistake_in_environments(problem)
        if mistake is None:
            raise
        sys.exit(f"darkroom: {mistake}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
