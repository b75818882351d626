"""What every room stands on: failures, files, folders, the course's profile, wording."""
