"""Mail: files and accounts are read alike, posts are made of what the mails are."""
