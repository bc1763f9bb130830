"""SageMaker's control plane and data plane, independent of the emulator that carries them."""
