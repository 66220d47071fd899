"""Requests of persons about their data: register, clocks, yearly figures (11 CCR 7101, 7102)."""
