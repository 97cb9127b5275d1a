"""X: recent posts that answer a query, by its paid API."""
