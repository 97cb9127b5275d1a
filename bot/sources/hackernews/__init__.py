"""Hacker News: found through Algolia, checked against Firebase."""
