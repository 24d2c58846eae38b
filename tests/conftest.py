pytest_plugins = [
    "tests.plugins.databases",
    "tests.plugins.skips",
    "tests.plugins.spec_matrix",
    "tests.plugins.statements",
]
