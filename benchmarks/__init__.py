"""The figures of the README. `make bench` prints them all; each module runs alone too."""
