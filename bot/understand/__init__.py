"""From posts to themes: embed, classify, link, cluster, name, rank."""
