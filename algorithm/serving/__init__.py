"""`serve`: from a stored ONNX model to answers over HTTP; nothing here imports torch."""
