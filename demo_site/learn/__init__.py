"""Pages to learn from: explain a URL, the words of the flow, and what two clocks that differ do to it."""
