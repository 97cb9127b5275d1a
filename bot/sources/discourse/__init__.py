"""Discourse: a walk down a forum's posts, in the order api, walk, posts, adapter."""
