//! Who is busy at which hour of the week, in England.

use jiff::{Timestamp, civil::Weekday, tz::TimeZone};

use crate::{
    clock::MICROS,
    library::{Library, Profile},
};

/// Summer time by its rule rather than by the system's tables: the same on every machine.
const ENGLAND: &str = "GMT0BST,M3.5.0/1,M10.5.0";

/// One hour of the week: how much there is to tell, and whose it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hour {
    /// Against the other hours of the same estate.
    pub(crate) total: f64,
    /// Trades with what has been reached after each, and what they do.
    pub(crate) trades: Vec<(f64, usize)>,
    /// For each trade: activities with what has been reached after each.
    pub(crate) activities: Vec<Vec<(f64, u16)>>,
}

/// The hours of a week for one estate.
#[derive(Debug)]
pub(crate) struct Week {
    zone: TimeZone,
    /// What the busiest hour has.
    pub(crate) peak: f64,
    /// For each trade, how many devices and which activities.
    staff: Vec<Staff>,
}

#[derive(Debug)]
struct Staff {
    devices: f64,
    pace: f64,
    hours: Profile,
    activities: Vec<(f64, u16, Option<Profile>)>,
}

impl Week {
    /// The week of an estate with so many devices in each trade.
    pub(crate) fn new(library: &Library, devices: &[usize]) -> Self {
        let staff = library.trades.iter().zip(devices).map(|(trade, devices)| Staff {
            devices: *devices as f64,
            pace: trade.pace,
            hours: library.profiles[&trade.hours].clone(),
            activities: library
                .activities
                .iter()
                .enumerate()
                .filter(|(_, activity)| activity.trades.contains(&trade.trade))
                .map(|(at, activity)| {
                    let hours = activity.hours.as_ref().map(|name| library.profiles[name].clone());
                    (activity.weight, at as u16, hours)
                })
                .collect(),
        });
        let mut week = Week {
            zone: TimeZone::posix(ENGLAND).unwrap_or(TimeZone::UTC),
            peak: 0.0,
            staff: staff.collect(),
        };
        let hours = (0..48).map(|at| week.hour(at >= 24, at % 24).total);
        week.peak = hours.fold(0.0, f64::max);
        week
    }

    /// The hour of an instant, and when the next begins.
    pub(crate) fn at(&self, micros: i64) -> (Hour, i64) {
        let hour = micros.div_euclid(3600 * MICROS);
        let begin = Timestamp::from_second(hour * 3600).unwrap_or(Timestamp::UNIX_EPOCH);
        let local = self.zone.to_datetime(begin);
        let weekend = matches!(local.weekday(), Weekday::Saturday | Weekday::Sunday);
        (self.hour(weekend, local.hour() as usize), (hour + 1) * 3600 * MICROS)
    }

    fn hour(&self, weekend: bool, hour: usize) -> Hour {
        let busy = |profile: &Profile| {
            f64::from(if weekend { profile.weekend[hour] } else { profile.workday[hour] })
        };
        let mut told = Hour::default();
        for (at, staff) in self.staff.iter().enumerate() {
            let mut reached = 0.0;
            let mut list = Vec::new();
            for (weight, activity, hours) in &staff.activities {
                reached += weight * hours.as_ref().map_or(100.0, busy);
                list.push((reached, *activity));
            }
            if staff.devices > 0.0 && reached > 0.0 {
                told.total += staff.devices * staff.pace * busy(&staff.hours);
                told.trades.push((told.total, at));
            }
            told.activities.push(list);
        }
        told
    }
}

/// The entry in which a number from 0 to the last sum falls.
#[inline]
pub(crate) fn fall<T: Copy>(list: &[(f64, T)], unit: f64) -> Option<T> {
    let (last, _) = list.last()?;
    let at = list.partition_point(|(reached, _)| *reached <= unit * last);
    Some(list[at.min(list.len() - 1)].1)
}
