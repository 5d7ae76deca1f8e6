//! How much is made. What is fixed by its nature (regions, boards, trusts) is not asked for.

/// How large the example sector is to be.
///
/// There are always seven regions, 36 boards and 202 trusts, with the patients of all England.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// General practices.
    pub practices: u32,
    /// Providers of adult social care; each has 2.3 locations in the mean.
    pub care_providers: u32,
    /// How many of the departments' small systems and of the trusts' clinics are made, per cent.
    /// Core systems and hospitals are always made.
    pub detail_percent: u32,
    /// How often the sample of devices of each system is repeated; no organisation gets more
    /// devices than it is reckoned to have.
    pub device_samples: u32,
}

impl Size {
    /// For demonstrations and tests: all trusts, every tenth practice, fewer details.
    pub fn demo() -> Self {
        Self { practices: 600, care_providers: 1_500, detail_percent: 10, device_samples: 1 }
    }

    /// As large as England.
    pub fn full() -> Self {
        Self { practices: 6_220, care_providers: 18_000, detail_percent: 100, device_samples: 1 }
    }
}

impl Default for Size {
    fn default() -> Self {
        Self::demo()
    }
}
