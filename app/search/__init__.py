"""The main job: from a place and a person to a ranked, explained answer. Pure functions over the Directory."""
