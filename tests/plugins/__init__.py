"""What the tests need from pytest: two database engines, the specification matrix, counted SQL, no silent skips."""
