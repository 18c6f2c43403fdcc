"""The service itself: right to call, tickets, paging, interventions. Knows no HTTP and no provider."""
