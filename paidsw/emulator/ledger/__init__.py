"""What the account uses and what that costs."""
