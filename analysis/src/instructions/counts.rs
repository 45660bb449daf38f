//! The table of a count, as `lab count --csv` writes it.

/// The instructions a request of one server.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The framework.
    pub framework: String,
    /// Its class, as files name it.
    pub class: String,
    /// With its collector off.
    pub instructions: f64,
    /// The interval of that, over starts.
    pub low: f64,
    /// As `low`.
    pub high: f64,
    /// With its collector on, where that was counted.
    pub with_collector: Option<f64>,
    /// By part of the server, in the order of [`Counts::parts`]; nothing where its functions are not known.
    pub parts: Vec<Option<f64>>,
}

/// The table of a count.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// The lines before its header, without their mark: what counted, and the command.
    pub about: Vec<String>,
    /// What was asked.
    pub scenario: String,
    /// The parts that servers are divided into: the columns behind [`LAST`].
    pub parts: Vec<String>,
    /// Its rows.
    pub rows: Vec<Counted>,
}

/// The last column that is no part.
const LAST: &str = "monitor";

impl Counts {
    /// Reads the table that `lab count --csv` writes.
    ///
    /// # Errors
    /// A sentence with the line.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut about = Vec::new();
        let mut rows = Vec::new();
        let mut scenario: Option<String> = None;
        let mut header: Option<Vec<&str>> = None;
        for (number, line) in text.lines().enumerate() {
            if let Some(words) = line.strip_prefix('#') {
                about.push(words.trim().to_owned());
                continue;
            }
            let fields: Vec<&str> = line.split(',').collect();
            let Some(header) = &header else {
                header = Some(fields);
                continue;
            };
            let line = Line {
                number: number + 1,
                header,
                fields,
            };
            let asked = line.word("scenario")?;
            if scenario.get_or_insert_with(|| asked.to_owned()) != asked {
                return Err(line.is_wrong("the scenario is another than above"));
            }
            rows.push(line.counted()?);
        }
        let (Some(header), Some(scenario)) = (header, scenario) else {
            return Err("the table has no rows".to_owned());
        };
        Ok(Self {
            about,
            scenario,
            parts: parts(&header).map(str::to_owned).collect(),
            rows,
        })
    }
}

/// The names of the parts in a header.
fn parts<'a>(header: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let known = header.iter().position(|h| *h == LAST);
    let behind = known.map_or(&[][..], |last| &header[last + 1..]);
    behind.iter().copied()
}

/// A row under its header.
struct Line<'a> {
    number: usize,
    header: &'a [&'a str],
    fields: Vec<&'a str>,
}

impl Line<'_> {
    fn counted(&self) -> Result<Counted, String> {
        let number = |name: &str| {
            let number = self.value(name);
            number.ok_or_else(|| self.is_wrong(&format!("{name} is missing or no number")))
        };
        Ok(Counted {
            framework: self.word("framework")?.to_owned(),
            class: self.word("class")?.to_owned(),
            instructions: number("instructions")?,
            low: number("low")?,
            high: number("high")?,
            with_collector: self.value("with_collector"),
            parts: parts(self.header).map(|name| self.value(name)).collect(),
        })
    }

    fn field(&self, name: &str) -> Option<&str> {
        let place = self.header.iter().position(|h| *h == name)?;
        self.fields.get(place).copied()
    }

    fn word(&self, name: &str) -> Result<&str, String> {
        let word = self.field(name).filter(|word| !word.is_empty());
        word.ok_or_else(|| self.is_wrong(&format!("{name} is missing")))
    }

    fn value(&self, name: &str) -> Option<f64> {
        let value = self.field(name)?.parse::<f64>().ok();
        value.filter(|v| v.is_finite() && *v > 0.0)
    }

    fn is_wrong(&self, what: &str) -> String {
        format!("line {}: {what}", self.number)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) const COUNTS: &str = "\
# counted by a test
framework,class,scenario,starts,instructions,low,high,level,with_collector,monitor,handlers,net/http
a,idiomatic,json,8,1000,990,1010,0.99,,1,400,600
b,idiomatic,json,8,2000,1990,2010,0.99,4000,1,500,1500
c,idiomatic,json,8,8000,7990,8010,0.99,,1,,
d,engine,json,8,16000,15990,16010,0.99,,1,16000,
lonely,idiomatic,json,8,5,5,5,0.99,,1,5,
";

    #[test]
    fn rows_are_read_by_their_header_with_parts_where_there_are_any() {
        let counts = Counts::read(COUNTS).unwrap();
        assert_eq!(counts.about, ["counted by a test"]);
        assert_eq!(counts.scenario, "json");
        assert_eq!(counts.parts, ["handlers", "net/http"]);
        assert_eq!(counts.rows.len(), 5);
        let b = &counts.rows[1];
        assert_eq!((b.low, b.high), (1990.0, 2010.0));
        assert_eq!(b.with_collector, Some(4000.0));
        assert_eq!(b.parts, [Some(500.0), Some(1500.0)]);
        assert_eq!(counts.rows[2].parts, [None, None]);
        assert_eq!(counts.rows[3].class, "engine");
    }

    #[test]
    fn what_is_no_table_is_told_with_its_line() {
        let wrong = |from: &str, to: &str| Counts::read(&COUNTS.replace(from, to)).unwrap_err();
        assert!(wrong(",8,1000,", ",8,-1,").starts_with("line 3: instructions is"));
        assert!(wrong("c,idiomatic,", "c,,").starts_with("line 5: class is missing"));
        assert!(wrong("d,engine,json", "d,engine,params").starts_with("line 6: the scenario"));
        assert!(Counts::read("framework\n").is_err());
        assert!(Counts::read("").is_err());
    }
}
