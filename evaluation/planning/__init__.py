"""What an experiment would cost and could show, before anything is asked."""
