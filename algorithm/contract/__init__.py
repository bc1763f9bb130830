"""What the container and those who ask it for work agree on; standard library only (design D13)."""
