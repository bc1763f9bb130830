"""Where ministack becomes the cloud around our SageMaker: one file a hook or repair, nothing else
imports it.

Every file says what stock ministack 1.5.33 does, what the project needs instead, and which private
names of it are touched; `tests/local/adapter/` has a contract test for each, so that a version
bump is a test run."""
