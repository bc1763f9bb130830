"""Constructs that two stacks use, or that keep an invariant."""
