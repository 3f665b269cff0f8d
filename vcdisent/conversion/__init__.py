"""A checkpoint put to use: embedding, verifying and converting recordings."""
