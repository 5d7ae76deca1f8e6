//! Soon.
use super::Sink;
use crate::scan::{Output, plan::Plan, report::Report};
pub(crate) struct HtmlSink(Output);
impl HtmlSink {
    pub(crate) fn new(output: Output, _plan: &Plan, _all: bool) -> Self {
        HtmlSink(output)
    }
}
impl Sink for HtmlSink {
    fn finding(&mut self, _: &detect::Finding) -> std::io::Result<()> {
        Ok(())
    }
    fn finish(self: Box<Self>, _: &Report<'_>) -> std::io::Result<()> {
        self.0.finish()
    }
}
