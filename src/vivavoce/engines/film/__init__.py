"""Speech to videos: a captioned waveform, slides, or a picture with a voice."""
