"""What an environment is, as plain values, and what has been released to it."""
