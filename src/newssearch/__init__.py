"""Full-text search over Vietnamese news."""
