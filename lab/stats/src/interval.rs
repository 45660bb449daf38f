//! Intervals, and the estimates that carry them.

/// A closed interval in natural units: a ratio, microseconds, bytes.
///
/// ```
/// let i = stats::Interval { low: 0.98, high: 1.03 };
/// assert!(i.contains(1.0) && !i.is_above(1.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Whether the value lies inside or on an end.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether the whole interval lies above the value.
    pub fn is_above(&self, value: f64) -> bool {
        self.low > value
    }

    /// Whether the whole interval lies below the value.
    pub fn is_below(&self, value: f64) -> bool {
        self.high < value
    }

    /// Half the width, in the unit of the ends.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// The same interval on the logarithmic scale; `None` unless both ends are positive.
    pub fn ln(&self) -> Option<LogInterval> {
        (self.low > 0.0 && self.high > 0.0).then(|| {
            LogInterval(Interval {
                low: self.low.ln(),
                high: self.high.ln(),
            })
        })
    }
}

/// An interval in log units: differences of natural logarithms. A type of its own so that 0.02
/// (two per cent more) is never taken for a ratio of 0.02.
///
/// ```
/// use stats::{Interval, LogInterval};
/// let ratio = LogInterval(Interval { low: 0.0, high: 2.0_f64.ln() }).exp();
/// assert!((ratio.high - 2.0).abs() < 1e-12 && ratio.low == 1.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogInterval(pub Interval);

impl LogInterval {
    /// The same interval on the natural scale.
    pub fn exp(&self) -> Interval {
        Interval {
            low: self.0.low.exp(),
            high: self.0.high.exp(),
        }
    }
}

/// What an interval was computed with.
///
/// ```
/// assert_eq!(stats::Method::T.to_string(), "t");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Student's t on log values or their per-block differences.
    T,
    /// Studentised bootstrap (bootstrap-t) over blocks.
    BootT,
    /// Hodges-Lehmann estimate with the interval of Wilcoxon's signed-rank test.
    SignedRank,
    /// Welch's t on the logs of two unpaired samples.
    Welch,
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Method::T => "t",
            Method::BootT => "bootstrap-t",
            Method::SignedRank => "signed rank",
            Method::Welch => "Welch t",
        })
    }
}

/// A ratio subject / baseline with its interval.
///
/// ```
/// let r = stats::paired::t(&[0.01, 0.02, 0.03, 0.02], 0.95).unwrap();
/// assert!((r.point - 0.02_f64.exp()).abs() < 1e-12);
/// assert!(r.interval.contains(r.point) && r.p < 0.05);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// The estimate, natural scale: 1.02 is two per cent more than the baseline.
    pub point: f64,
    /// The interval, natural scale.
    pub interval: Interval,
    /// The confidence level of the interval.
    pub level: f64,
    /// Number of blocks (unpaired: of the smaller sample).
    pub n: usize,
    /// Standard deviation of the differences d, log units (unpaired: the root of the sum of both
    /// samples' variances).
    pub sd: f64,
    /// Two-sided p of "the ratio is 1", from the same method as the interval, not adjusted.
    pub p: f64,
    /// The method of interval and p.
    pub method: Method,
}

impl Ratio {
    /// The estimate in log units.
    pub fn ln(&self) -> f64 {
        self.point.ln()
    }

    /// The x of "+- x": half the interval's width in log units, as a relative difference
    /// (0.02 is 2 %).
    ///
    /// ```
    /// let r = stats::paired::t(&[0.01, 0.02, 0.03, 0.02], 0.95).unwrap();
    /// let half = (r.interval.high / r.interval.low).sqrt() - 1.0;
    /// assert!((r.half_width() - half).abs() < 1e-12);
    /// ```
    pub fn half_width(&self) -> f64 {
        ((self.interval.high.ln() - self.interval.low.ln()) / 2.0).exp_m1()
    }

    /// The ratio baseline / subject: point and interval inverted, all else the same.
    ///
    /// ```
    /// let r = stats::paired::t(&[0.01, 0.02, 0.03, 0.02], 0.95).unwrap();
    /// assert!((r.inverse().point * r.point - 1.0).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn inverse(&self) -> Ratio {
        let interval = Interval {
            low: 1.0 / self.interval.high,
            high: 1.0 / self.interval.low,
        };
        Ratio {
            point: 1.0 / self.point,
            interval,
            ..*self
        }
    }
}

/// One framework's own value with its interval, in the unit of the data.
///
/// ```
/// let e = stats::absolute::geometric_mean(&[9.0, 10.0, 11.0], 0.95).unwrap();
/// assert!(e.interval.contains(e.point) && e.n == 3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub point: f64,
    /// The interval.
    pub interval: Interval,
    /// The confidence level that was asked for.
    pub level: f64,
    /// Number of values.
    pub n: usize,
}
