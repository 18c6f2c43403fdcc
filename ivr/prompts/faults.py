"""Something went wrong on our side, and the caller is told so."""

SORRY = "I am sorry, something went wrong on our side."
SORRY_WITH_TICKET = SORRY + " Your ticket is safe and the technician is being called. Please stay on the line."
SORRY_AGAIN = SORRY + " Let us try once more."
SORRY_GOODBYE = SORRY + " Please call again in a moment. Goodbye."
