"""What other systems read of the public directory: Open Referral UK, CSV, GeoJSON, OGC API Features."""
