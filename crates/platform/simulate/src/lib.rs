//! Seeded telemetry and an example sector.
