"""Slack: channels of the workspace, by their history and by events; both meet in posts."""
