"""The portable container: the contract of SageMaker's built-in image classification algorithm."""
