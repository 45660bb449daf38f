//! What reports call a metric.

/// What reports call a metric, from its name in a sentence to the head of its narrowest column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Words {
    /// In a line or a sentence: `requests/s`, `p99 latency`.
    pub name: &'static str,
    /// The same without signs, as a sentence begins: `requests per second`.
    pub long: &'static str,
    /// The head of a column of values in a chapter of its own: `µs`.
    pub label: &'static str,
    /// The head of a column of values among those of other metrics: `CPU µs a request`.
    pub column: &'static str,
    /// The same where there is no room: `CPU µs`.
    pub narrow: &'static str,
    /// The head of a column of ratios where there is no room: `CPU`.
    pub short: &'static str,
    /// What one has who has more of it, and less: `more` and `fewer`.
    pub amounts: (&'static str, &'static str),
    /// What the better server and the worse one are called: `faster` and `slower`.
    pub verdicts: (&'static str, &'static str),
    /// The key in `top3` of `summary.json`, where `{scenario}` and `{mode}` stand for these.
    pub figure: Option<&'static str>,
    /// The unit for benchstat; nothing where it gets none of it.
    pub benchmark: Option<&'static str>,
    /// The chapter of the report that its tables are in; nothing where they have none.
    pub chapter: Option<Chapter>,
    /// Its chart.
    pub drawn: Drawn,
}

/// A chapter of the report with a table a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter {
    /// Its heading.
    pub title: &'static str,
    /// What its numbers are, and which are the better ones.
    pub intro: &'static str,
}

/// Which chart a metric has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// A bar a server, where the load is the most that it answers.
    Bars {
        /// What the file's name begins with.
        file: &'static str,
        /// What the bars are.
        title: &'static str,
    },
    /// A line a server over the shares of requests, at a fixed rate.
    Curves,
    /// A dot a cold start.
    Starts,
    /// A step each for a server that is idle, under load and after it.
    Memory,
    /// None.
    Nothing,
}

impl Words {
    /// Of what is not compared, called as it is in raw data.
    pub(super) const fn plain(name: &'static str) -> Self {
        Self {
            name,
            long: name,
            label: name,
            column: name,
            narrow: name,
            short: name,
            amounts: ("more", "less"),
            verdicts: ("faster", "slower"),
            figure: None,
            benchmark: None,
            chapter: None,
            drawn: Drawn::Nothing,
        }
    }
}
