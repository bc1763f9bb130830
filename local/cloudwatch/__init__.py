"""CloudWatch's metrics and the arithmetic of its alarms; knows no emulator."""
