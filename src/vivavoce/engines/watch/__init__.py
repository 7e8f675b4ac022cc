"""Videos to text and pictures: what they show, without their sound."""
