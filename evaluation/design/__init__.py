"""What an experiment declares: grids, the arms that they make, and where oracle placements put the evidence."""
