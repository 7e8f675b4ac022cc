"""What people do with the rooms below: convert, transcribe, speak and so on."""
