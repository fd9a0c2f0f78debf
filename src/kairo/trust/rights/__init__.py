"""What can people demand of the city about their data, and what does the city owe of itself? See README.md."""
