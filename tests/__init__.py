"""The tests: stories first, then one file for each part, and the platforms on localhost."""
