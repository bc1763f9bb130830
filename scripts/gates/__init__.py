"""What a model has to show before it stands in a release file: one function a gate."""
