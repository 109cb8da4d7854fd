"""What a check found, drawn for people and written for machines."""
