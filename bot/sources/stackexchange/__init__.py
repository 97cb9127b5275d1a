"""Stack Exchange: questions with a tag and all that is said under them."""
