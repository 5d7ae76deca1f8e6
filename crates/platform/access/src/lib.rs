//! Who may sign in and see what.
