"""Documents of every format with a mark in each place where a person could put one. A maker takes `Plants` and returns bytes."""
