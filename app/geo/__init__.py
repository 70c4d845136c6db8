"""Geography: postcodes, the gazetteer, areas, distances and shapes."""
