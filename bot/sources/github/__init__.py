"""GitHub, in the order in which a post passes: api, lists or graphql, posts, harvest, adapter."""
