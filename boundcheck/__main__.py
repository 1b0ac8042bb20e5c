"""`python -m boundcheck`: the same as the console script."""

from boundcheck.cli import main

if __name__ == "__main__":
    main()
