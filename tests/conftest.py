"""Every test may be interrupted, and so may every program that it starts."""

import signal

# A shell that starts us in the background has SIGINT ignored, and our children would inherit that:
# the tests that type Ctrl-C would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
