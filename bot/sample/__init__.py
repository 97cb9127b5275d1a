"""The invented community of the demo; its README tells what is in it."""
