"""What authors use before students see anything."""
