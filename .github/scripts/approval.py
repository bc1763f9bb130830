"""Refuse to go on in an environment whose approval nobody had to give.

GitHub makes an environment that a workflow names and nobody has set up, without any protection: a
job in it just runs. This makes such a job fail instead.

python3 approval.py ENVIRONMENT [--not-by-the-author]
"""

import argparse
import sys
from urllib.parse import quote

from api import ask


def main() -> None:
    """Ask GitHub for the environment's protection rules, and judge them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("environment")
    parser.add_argument("--not-by-the-author", action="store_true")
    words = parser.parse_args()
    name: str = words.environment
    settings = f"under Settings, Environments, {name}"
    found = ask("GET", f"environments/{quote(name, safe='')}")
    rules = [
        rule
        for rule in found.get("protection_rules") or []
        if rule["type"] == "required_reviewers" and rule.get("reviewers")
    ]
    if not rules:
        sys.exit(
            f"environment {name} asks nobody for an approval; add required reviewers {settings}"
        )
    if words.not_by_the_author and not any(rule.get("prevent_self_review") for rule in rules):
        sys.exit(f"environment {name} lets the author approve; tick Prevent self-review {settings}")
    print(f"environment {name} asks for an approval")


if __name__ == "__main__":
    main()
