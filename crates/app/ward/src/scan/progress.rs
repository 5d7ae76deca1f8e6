//! How far the scan has come, on standard error, for people at a terminal only.

use std::{sync::atomic::Ordering, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::Progress;

/// A bar, or nothing.
pub(crate) struct Bar(Option<ProgressBar>);

const TEMPLATE: &str = "{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left  {msg}";
const UNSIZED: &str = "{spinner} {bytes} read, {bytes_per_sec}, {elapsed}  {msg}";

impl Bar {
    /// A bar if it is welcome.
    pub(crate) fn new(is_welcome: bool) -> Self {
        if !is_welcome {
            return Bar(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
        if let Ok(style) = ProgressStyle::with_template(UNSIZED) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        Bar(Some(bar))
    }

    /// Shows where reading stands now.
    pub(crate) fn show(&self, progress: &Progress, findings: u64) {
        let Some(bar) = &self.0 else { return };
        let total = progress.bytes_total.load(Ordering::Relaxed);
        if total > 0 && bar.length().is_none_or(|known| known != total) {
            bar.set_length(total);
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                bar.set_style(style);
            }
        }
        bar.set_position(progress.bytes_done.load(Ordering::Relaxed));
        bar.set_message(crate::term::counted(findings, "finding", "findings"));
    }

    /// Takes the bar off the screen.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
