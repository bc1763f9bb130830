"""What runs in the peers' environment (requirements-bench.txt); nothing here imports ours."""
