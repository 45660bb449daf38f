//! How many digits a number deserves: its interval says.

use stats::Interval;

/// A power of ten to round to: 2 is hundreds, -1 tenths.
pub type Step = i32;

/// The digit that the interval's half-width moves by at least 3.55, so that of the half-width
/// one or two digits are shown (as the Particle Data Group rounds); within 2 to 6 significant
/// ones of the value.
///
/// Three significant digits where there is no interval.
pub fn step(value: f64, interval: Option<&Interval>) -> Step {
    let magnitude = |x: f64| x.abs().log10().floor() as i32;
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let own = magnitude(value);
    match interval
        .map(Interval::half_width)
        .filter(|w| *w > 0.0 && w.is_finite())
    {
        Some(half) => magnitude(half / 3.55).clamp(own - 5, own - 1),
        None => own - 2,
    }
}

/// The number rounded to a step, with thousands set apart.
pub fn rounded(value: f64, step: Step) -> String {
    if !value.is_finite() {
        return "n/a".to_owned();
    }
    let decimals = (-step).max(0) as usize;
    let unit = 10f64.powi(step.max(0));
    let text = format!("{:.decimals$}", (value / unit).round_ties_even() * unit);
    let text = if decimals > 0 {
        format!("{value:.decimals$}")
    } else {
        text
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) if rest.chars().any(|c| c.is_ascii_digit() && c != '0') => ("-", rest),
        Some(rest) => ("", rest),
        None => ("", text.as_str()),
    };
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::from(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out + rest
}

/// A value alone, in the digits that its interval allows.
pub fn value(value: f64, interval: Option<&Interval>) -> String {
    rounded(value, step(value, interval))
}

/// The ends of an interval in the digits of its value.
pub fn range(value: f64, interval: &Interval) -> String {
    let step = step(value, Some(interval));
    format!(
        "{}–{}",
        rounded(interval.low, step),
        rounded(interval.high, step)
    )
}

/// The step of a ratio: two to four decimals.
pub fn ratio_step(point: f64, interval: Option<&Interval>) -> Step {
    step(point, interval).clamp(-4, -2)
}

/// The step of a whole column, so that its digits align: the middle one of those of its values.
/// What is alone in its column has its own.
pub fn column<'a>(values: impl Iterator<Item = (f64, Option<&'a Interval>)>) -> Option<Step> {
    let mut steps: Vec<Step> = values
        .filter(|(value, _)| value.is_finite() && *value != 0.0)
        .map(|(value, interval)| step(value, interval))
        .collect();
    steps.sort_unstable();
    steps.get(steps.len().saturating_sub(1) / 2).copied()
}

/// A value's step in a column of this one: never so coarse that one digit alone is left of it.
pub fn step_in(value: f64, column: Option<Step>, interval: Option<&Interval>) -> Step {
    match column {
        Some(column) if value.is_finite() && value != 0.0 => {
            column.min(value.abs().log10().floor() as i32 - 1)
        }
        _ => step(value, interval),
    }
}

/// Differences above this (log units) say only that nothing could be seen.
const LARGEST: f64 = std::f64::consts::LN_2;

/// The size of a difference in log units that could have been seen: `1.3 %`, or that it is more
/// than a doubling.
pub fn size(log: f64) -> String {
    match log <= LARGEST {
        true => percent(log),
        false => "more than 100 %".to_owned(),
    }
}

/// Whether an interval is so wide that its ends say nothing: the upper one is more than tenfold
/// the lower one.
pub fn says_nothing(interval: &Interval) -> bool {
    interval.low <= 0.0 || interval.high / interval.low > 10.0
}

/// What stands in the place of such an interval.
pub const NOT_HERE: &str = "cannot be told here";

/// A difference in log units as a percentage: `1.3 %`.
pub fn percent(log: f64) -> String {
    share(log.exp_m1())
}

/// A change in log units as a percentage without the percent sign: `1.38`, `-22.6`, `>999`.
pub fn change(log: f64) -> String {
    let percent = 100.0 * log.exp_m1();
    match percent.abs() {
        p if p >= 999.5 => ">999".to_owned(),
        p if p >= 99.5 => rounded(percent, 0),
        p if p >= 9.95 => rounded(percent, -1),
        _ => rounded(percent, -2),
    }
}

/// Two differences in log units, or the one that they are: `1.3 % to 2.4 %`.
pub fn span(least: f64, most: f64) -> String {
    let (least, most) = (size(least), size(most));
    if least == most {
        least
    } else {
        format!("{least} to {most}")
    }
}

/// A share of one as a percentage, two digits of it: `1.3 %`, `13 %`, `0.13 %`.
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    let decimals = match percent.abs() {
        p if p >= 9.95 => 0,
        p if p >= 0.095 || p == 0.0 => 1,
        _ => 2,
    };
    format!("{} %", rounded(percent, -decimals))
}

/// A level of confidence, with as many digits as tell it from one: `95 %`, `99.7 %`, `99.994 %`.
pub fn level(level: f64) -> String {
    let rest = 100.0 * (1.0 - level);
    let decimals = match rest {
        rest if rest >= 0.995 => 0,
        rest if rest > 0.0 => -(rest.log10().floor() as i32),
        _ => 0,
    };
    format!("{} %", rounded(100.0 * level, -decimals))
}

/// The number to so many significant digits, for files that programs read: differences in the
/// last bits of a machine's mathematics do not reach them.
pub fn significant(value: f64, digits: usize) -> Option<f64> {
    value
        .is_finite()
        .then(|| format!("{value:.*e}", digits - 1).parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stay_short() {
        let shown = |percent: f64| change((percent / 100.0).ln_1p());
        assert_eq!(shown(1.384), "1.38");
        assert_eq!(shown(-22.64), "-22.6");
        assert_eq!(shown(725.2), "725");
        assert_eq!(shown(17_000.0), ">999");
    }

    #[test]
    fn a_column_has_one_step_and_small_values_keep_two_digits() {
        let values = [3.66, 4.27, 3.122, 3.21, 0.0341];
        let halves = [0.1, 0.1, 0.01, 0.1, 0.001];
        let around: Vec<Interval> = values
            .iter()
            .zip(halves)
            .map(|(v, h)| around(*v, h))
            .collect();
        let step = column(values.iter().copied().zip(around.iter().map(Some)));
        let shown: Vec<String> = values
            .iter()
            .map(|v| rounded(*v, step_in(*v, step, None)))
            .collect();
        assert_eq!(shown, ["3.66", "4.27", "3.12", "3.21", "0.034"]);
        assert_eq!(column(std::iter::empty()), None);
    }

    #[test]
    fn what_could_not_be_seen_has_no_size() {
        assert_eq!(size(0.02), "2.0 %");
        assert_eq!(size(2.5), "more than 100 %");
        assert!(says_nothing(&Interval {
            low: 0.42,
            high: 106.84
        }));
        assert!(!says_nothing(&Interval {
            low: 0.9,
            high: 1.1
        }));
    }

    #[test]
    fn levels_are_told_from_one() {
        let shown = [0.95, 0.97, 0.9967, 0.99994].map(level);
        assert_eq!(shown, ["95 %", "97 %", "99.7 %", "99.994 %"]);
    }

    fn around(value: f64, half: f64) -> Interval {
        Interval {
            low: value - half,
            high: value + half,
        }
    }

    #[test]
    fn the_interval_decides_on_the_digits() {
        let show = |v: f64, half: f64| value(v, Some(&around(v, half)));
        assert_eq!(show(61_234.0, 900.0), "61,200");
        assert_eq!(show(61_234.0, 400.0), "61,200");
        assert_eq!(show(61_234.0, 300.0), "61,230");
        assert_eq!(show(16.2345, 0.5), "16.2");
        assert_eq!(show(16.2345, 40.0), "16");
        assert_eq!(range(61_234.0, &around(61_234.0, 900.0)), "60,300–62,100");
        assert_eq!(value(1_234_567.0, None), "1,230,000");
        assert_eq!(value(0.0, None), "0");
    }

    proptest::proptest! {
        /// What is shown is off by no more than half a step.
        #[test]
        fn rounding_stays_within_half_a_step(value in 0.001..1e9f64, relative in 0.0001..2.0f64) {
            let interval = around(value, value * relative);
            let step = step(value, Some(&interval));
            let shown: f64 = rounded(value, step).replace(',', "").parse().unwrap();
            let half = 10f64.powi(step) / 2.0;
            proptest::prop_assert!((shown - value).abs() <= half * (1.0 + 1e-6), "{} {}", value, shown);
        }
    }

    #[test]
    fn percentages_keep_two_digits() {
        assert_eq!(share(0.0134), "1.3 %");
        assert_eq!(share(0.1349), "13 %");
        assert_eq!(share(0.0004), "0.04 %");
        assert_eq!(share(-0.00001), "0.00 %");
        assert_eq!(share(0.0), "0.0 %");
        assert_eq!(percent(0.5_f64.ln()), "-50 %");
    }

    #[test]
    fn programs_get_numbers_without_noise() {
        assert_eq!(significant(0.1 + 0.2, 6), Some(0.3));
        assert_eq!(significant(f64::NAN, 6), None);
    }
}
