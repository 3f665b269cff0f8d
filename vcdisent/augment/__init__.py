"""Two views of a sequence: one that keeps what is static, one that keeps what is dynamic."""
