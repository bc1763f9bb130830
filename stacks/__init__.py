"""The environments as CloudFormation, by way of the CDK: one stack for each life cycle."""
