"""One instance of the local cloud: the platform's side of SageMaker's container contract."""
