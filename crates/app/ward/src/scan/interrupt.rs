//! Ctrl-C: the first stops reading, so that what was found is shown; the second ends at once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::exit;

/// Whether the user wants to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on, Ctrl-C is heard.
    pub(crate) fn listen() -> Self {
        let interrupt = Interrupt::default();
        let heard = interrupt.0.clone();
        // Where it cannot be set, Ctrl-C ends the program as ever.
        let _ = ctrlc::set_handler(move || {
            if heard.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
            exit::note("\nStopping; Ctrl-C again ends at once.");
        });
        interrupt
    }

    /// Whether it was pressed.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
