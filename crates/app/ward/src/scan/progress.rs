//! How far the scan has come, on standard error, for people at a terminal only.

use std::{sync::atomic::Ordering, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::Progress;

/// A bar, or nothing.
pub(crate) struct Bar {
    bar: Option<ProgressBar>,
    is_unicode: bool,
}

const TEMPLATE: &str = "{wide_bar} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left  {msg}";
const UNSIZED: &str = "{spinner} {decimal_bytes} read, {decimal_bytes_per_sec}, {elapsed}  {msg}";

impl Bar {
    /// A bar if it is welcome.
    pub(crate) fn new(is_welcome: bool, is_unicode: bool) -> Self {
        if !is_welcome {
            return Bar { bar: None, is_unicode };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
        bar.enable_steady_tick(Duration::from_millis(250));
        let bar = Bar { bar: Some(bar), is_unicode };
        bar.style(UNSIZED);
        bar
    }

    fn style(&self, template: &str) {
        let (Some(bar), Ok(style)) = (&self.bar, ProgressStyle::with_template(template)) else {
            return;
        };
        let plain = |style: ProgressStyle| style.progress_chars("#>-").tick_chars("|/-\\ ");
        bar.set_style(if self.is_unicode { style } else { plain(style) });
    }

    /// Shows where reading stands now.
    pub(crate) fn show(&self, progress: &Progress, findings: u64) {
        let Some(bar) = &self.bar else { return };
        let total = progress.bytes_total.load(Ordering::Relaxed);
        if total > 0 && bar.length().is_none_or(|known| known != total) {
            bar.set_length(total);
            self.style(TEMPLATE);
        }
        bar.set_position(progress.bytes_done.load(Ordering::Relaxed));
        bar.set_message(crate::term::counted(findings, "finding", "findings"));
    }

    /// Takes the bar off the screen.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
