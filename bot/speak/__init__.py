"""From themes and posts to words: queries, digests, answers, pages."""
