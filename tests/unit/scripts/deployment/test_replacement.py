"""The table of replacing properties, held against the database of the CDK's own CLI."""

import gzip
import json

from scripts.cdk import REPOSITORY
from scripts.deployment.replacement import REPLACING


def test_the_table_says_what_the_cdk_says() -> None:
    database = REPOSITORY / "node_modules" / "aws-cdk" / "db.json.gz"
    with gzip.open(database) as file:
        entities = json.load(file)["schema"]["resource"]["entities"]
    known = {
        entity["cloudFormationType"]: {
            name
            for name, property_ in entity["properties"].items()
            if property_.get("causesReplacement") == "yes"
        }
        for entity in entities
        if entity["cloudFormationType"] in REPLACING
    }
    assert known == {type_: set(names) for type_, names in REPLACING.items()}
