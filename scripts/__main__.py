"""`python -m scripts` is `darkroom`."""

from scripts.cli import main

if __name__ == "__main__":
    main()
