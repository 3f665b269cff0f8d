"""The training loop, what it keeps on disk, and how it runs on several ranks."""
