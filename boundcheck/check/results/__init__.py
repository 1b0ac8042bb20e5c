"""What came out, of a campaign or of a record: listed, filtered, grouped, written to files."""
