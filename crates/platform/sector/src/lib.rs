//! The map everybody reads: organisations, services, systems, devices, suppliers.
