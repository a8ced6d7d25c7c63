"""What `dsw check` does: reads the settings, previews every stack under all rules, and makes findings of the events."""
