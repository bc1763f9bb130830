"""`python -m algorithm train | serve`: what SageMaker runs in the container (facts sheet B)."""

import sys

from algorithm.layout import Layout


def main(arguments: list[str]) -> int:
    """Run the command named by the only argument; returns the exit code."""
    print(f"Docker entrypoint called with argument(s): {' '.join(arguments)}", flush=True)
    if arguments == ["train"]:
        from algorithm.training.stop import Stop

        stop = Stop()
        stop.listen()
        from algorithm.training.job import run

        return run(Layout.of(), stop)
    if arguments == ["serve"]:
        from algorithm.serving.server import serve

        return serve(Layout.of())
    print("usage: python -m algorithm train | serve", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
