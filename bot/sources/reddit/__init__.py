"""Reddit: its API through praw where there is a key, else its feeds; one adapter for both."""
