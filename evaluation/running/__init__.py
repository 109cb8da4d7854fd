"""An experiment from its grid to its rows: asked in the order that shares prefixes, kept as it comes."""
