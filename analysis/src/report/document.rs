//! A report as a tree of headings, paragraphs, lists, tables and charts.
//!
//! The chapters say everything once; [`super::markdown`] and [`super::html`] only give it a
//! form. All text is as it came: escaping belongs to the form.

use super::charts::Chart;

/// A run of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Span {
    Plain(String),
    Code(String),
    Strong(String),
    /// The interval of the number before it: never broken, and fainter where that is possible.
    Range(String),
    /// Words that lead to a file, by its path from the page.
    Link(String, String),
    /// Words that lead to a file, by its path from the folder above the page's own.
    Beside(String, String),
    /// Words that lead to a place that the lab itself names.
    Fixed(String, &'static str),
    /// What serves HTTP, behind its colour where there are colours.
    Engine(String),
    /// How a figure came to be what the words behind it say.
    Trend(Trend),
}

/// A figure's course in a line's height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trend(pub Vec<Step>);

/// One value of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// How high it lies: 0 is the line's foot, [`Step::TOP`] its head.
    pub height: u8,
    /// Whether it continues what is before it.
    pub joined: bool,
}

impl Step {
    /// The greatest height.
    pub(crate) const TOP: u8 = 70;
}

/// One line of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(pub Vec<Span>);

impl Text {
    pub(crate) fn plain(self, text: impl Into<String>) -> Self {
        self.with(Span::Plain(text.into()))
    }

    pub(crate) fn code(self, text: impl Into<String>) -> Self {
        self.with(Span::Code(text.into()))
    }

    pub(crate) fn strong(self, text: impl Into<String>) -> Self {
        self.with(Span::Strong(text.into()))
    }

    pub(crate) fn range(self, text: impl Into<String>) -> Self {
        self.with(Span::Range(text.into()))
    }

    pub(crate) fn link(self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.with(Span::Link(text.into(), href.into()))
    }

    pub(crate) fn beside(self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.with(Span::Beside(text.into(), href.into()))
    }

    pub(crate) fn fixed(self, text: impl Into<String>, href: &'static str) -> Self {
        self.with(Span::Fixed(text.into(), href))
    }

    pub(crate) fn engine(self, name: impl Into<String>) -> Self {
        self.with(Span::Engine(name.into()))
    }

    pub(crate) fn trend(self, trend: Trend) -> Self {
        self.with(Span::Trend(trend))
    }

    fn with(mut self, span: Span) -> Self {
        self.0.push(span);
        self
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::default().plain(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A field of a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub text: Text,
    /// What the field is sorted by, where that is not its text.
    pub sort: Option<f64>,
}

impl Cell {
    /// A text that stands for a number.
    pub(crate) fn number(text: impl Into<Text>, value: Option<f64>) -> Self {
        Self {
            text: text.into(),
            sort: value.filter(|v| v.is_finite()),
        }
    }

    /// Where there is nothing to say.
    pub(crate) fn missing() -> Self {
        "–".into()
    }
}

impl<T: Into<Text>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::number(text, None)
    }
}

/// A column's head.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub title: String,
    /// Whether it holds numbers, which are set to the right.
    pub numeric: bool,
}

impl Column {
    pub(crate) fn text(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            numeric: false,
        }
    }

    pub(crate) fn number(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            numeric: true,
        }
    }
}

/// Rows that belong together and are sorted among themselves.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowGroup {
    /// What stands above them; empty for the first.
    pub title: String,
    pub rows: Vec<Vec<Cell>>,
}

impl RowGroup {
    /// The controls, which are never ranked among the frameworks.
    pub(crate) fn controls() -> Self {
        Self {
            title: "controls, not ranked:".to_owned(),
            rows: Vec::new(),
        }
    }
}

/// A table; the first field of a row names it.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// What the table holds, for those who meet it out of its place.
    pub caption: String,
    pub columns: Vec<Column>,
    pub groups: Vec<RowGroup>,
}

/// One piece of a report.
#[derive(Debug, Clone)]
pub(crate) enum Block<'a> {
    Heading(usize, String),
    Paragraph(Text),
    List(Vec<Text>),
    Table(Table),
    /// The table that a reader can ask: its rows have names, and the page the data for a script.
    Matrix(Table, Matrix),
    Chart(&'a Chart),
}

/// What makes a table one that can be asked.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    /// The servers' names, row by row.
    pub servers: Vec<String>,
    /// Every server against every other, for the script.
    pub json: String,
}

/// A report as it grows.
#[derive(Debug, Default)]
pub(crate) struct Document<'a> {
    /// The command that rendered it.
    pub command: String,
    pub blocks: Vec<Block<'a>>,
}

impl<'a> Document<'a> {
    pub(crate) fn heading(&mut self, level: usize, text: impl Into<String>) {
        self.blocks.push(Block::Heading(level, text.into()));
    }

    pub(crate) fn paragraph(&mut self, text: impl Into<Text>) {
        self.blocks.push(Block::Paragraph(text.into()));
    }

    /// An item of the list that stands last, or of a new one.
    pub(crate) fn item(&mut self, text: impl Into<Text>) {
        let text = text.into();
        match self.blocks.last_mut() {
            Some(Block::List(items)) => items.push(text),
            _ => self.blocks.push(Block::List(vec![text])),
        }
    }

    pub(crate) fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    pub(crate) fn chart(&mut self, chart: &'a Chart) {
        self.blocks.push(Block::Chart(chart));
    }
}
