"""Twenty clients at every kind of endpoint, while it is updated and while its servers are killed.

Every request must be answered correctly or fail with an error that AWS documents (facts sheet C.3):
`make soak` runs each scenario for a minute, the tests some of them for seconds.
"""
