"""`train`: from the pipes of a training job to a stored ONNX model."""
