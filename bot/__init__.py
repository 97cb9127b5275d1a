"""Groundswell reads what a software community says and finds what keeps coming back."""

__version__ = "0.1.0"
