"""The protocol both roles speak: values, grammar, signatures. No Django, no DOT, no HTTP library."""
