"""Application Auto Scaling for SageMaker's variants; knows no emulator."""
