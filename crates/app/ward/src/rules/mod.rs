//! Soon.
pub(crate) fn command(_: &crate::cli::RulesArgs) -> anyhow::Result<crate::exit::Exit> {
    anyhow::bail!("soon")
}
