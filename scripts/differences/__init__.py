"""What a change of the repository would do to each environment, found without a cloud."""
