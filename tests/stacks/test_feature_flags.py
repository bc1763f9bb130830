"""The flags are the recommended ones, but for the departures that are named."""

import json
import tarfile
from pathlib import Path

import aws_cdk

from stacks.feature_flags import DEPARTURES, RECOMMENDED


def test_the_flags_are_what_the_pinned_cdk_recommends() -> None:
    (package,) = (Path(aws_cdk.__file__).parent / "_jsii").glob("aws-cdk-lib@*.jsii.tgz")
    with tarfile.open(package) as archive:
        member = archive.extractfile("package/recommended-feature-flags.json")
        assert member is not None
        recommended = json.load(member)
    assert dict(RECOMMENDED) == {k: v for k, v in recommended.items() if k not in DEPARTURES}
    for name, value in DEPARTURES.items():
        assert recommended[name] != value
