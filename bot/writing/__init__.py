"""A language model's way of putting a computed answer into words, and what it is held to."""
