"""What people say to the bot, and what it does then: the same on every surface."""
