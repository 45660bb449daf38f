//! The time in the words of HTTP, worded once a second.

use std::time::{SystemTime, UNIX_EPOCH};

/// The time as an answer's Date has it.
#[derive(Debug)]
pub struct Clock {
    second: u64,
    words: String,
}

impl Clock {
    /// A clock that shows now.
    pub fn new() -> Self {
        let second = now();
        Self {
            second,
            words: words(second),
        }
    }

    /// Looks at the time.
    pub fn tick(&mut self) {
        let second = now();
        if second != self.second {
            *self = Self {
                second,
                words: words(second),
            };
        }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    pub fn words(&self) -> &str {
        &self.words
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

fn words(second: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (days, of_day) = (second / 86_400, second % 86_400);
    // Days since 1970 as a date of the Gregorian calendar, in eras of 400 years that begin on the
    // first of March (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 2
    } else {
        from_march - 10
    };
    let year = year_of_era + era * 400 + u64::from(month < 2);
    format!(
        "{}, {day:02} {} {year} {:02}:{:02}:{:02} GMT",
        DAYS[(days % 7) as usize],
        MONTHS[month as usize],
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (second, date) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] {
            assert_eq!(words(second), date);
        }
    }
}
