"""The case table of the provider (tests/data/provider.csv, at_rest_and_admin.csv): a handler for each row, found by its id."""
