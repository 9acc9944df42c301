"""``pushwoosh-async probe``: what the vendor's documents leave open, asked of a real account."""
