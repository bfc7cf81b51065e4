"""What it means: answers and facts in, one frozen snapshot out. Knows no web and no database."""
