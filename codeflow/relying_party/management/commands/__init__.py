"""Commands of the relying party."""
