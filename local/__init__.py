"""The local cloud: an emulator of AWS on loopback, with a SageMaker that really trains and
serves."""
