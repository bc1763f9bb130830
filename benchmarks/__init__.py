"""How fast it is, as ratios taken in one run; `make bench` writes docs/results.md."""
