"""What Slack shows, and its stand-in in the terminal."""
