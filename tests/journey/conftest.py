"""The chapters of the story are told in modules of their own; their asserts explain themselves."""

import pytest

_CHAPTERS = ("denials", "people", "release_story", "traffic_story", "training_story", "updates")
pytest.register_assert_rewrite(*(f"tests.journey.{chapter}" for chapter in _CHAPTERS))
