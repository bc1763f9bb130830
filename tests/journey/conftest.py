"""The chapters of the story are told in modules of their own; their asserts explain themselves."""

import pytest

_CHAPTERS = (
    "company",
    "denials",
    "operator",
    "people",
    "promotion_denials",
    "promotion_story",
    "release_story",
    "rollback_story",
    "traffic_story",
    "training_story",
    "updates",
)
pytest.register_assert_rewrite(*(f"tests.journey.{chapter}" for chapter in _CHAPTERS))
