//! A flame graph by instructions: the parts of a server, their packages, the functions of these, each
//! as wide as it executes instructions.
//!
//! It is drawn from folded lines (`part;package;function number`), which tools for flame graphs read as
//! well. They are no call stacks: what lies on top of something belongs to it and was not called by
//! it. Nothing in it is drawn at random or by a hash, so equal lines give equal bytes.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::text::{escape, number};

/// The picture, in pixels.
const WIDTH: f64 = 1160.0;
const MARGIN: f64 = 16.0;
const ROW: f64 = 22.0;
const TOP: f64 = 60.0;
/// The width of a letter, a little too wide rather than too narrow.
const LETTER: f64 = 6.6;
/// What is narrower has no rectangle: it could not be seen.
const NARROWEST: f64 = 0.25;
/// Colours of parts, largest part first; dark ink can be read on all of them.
const COLOURS: [&str; 9] = [
    "#f2a65a", "#8fc1e3", "#a8d08d", "#f4d35e", "#e59a9a", "#c3aed6", "#9fd8cb", "#d9b99b",
    "#c9c9c9",
];

/// A rectangle with what lies on top of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    name: String,
    instructions: u64,
    above: Vec<Node>,
}

/// What a server executes, as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flame {
    root: Node,
}

impl Flame {
    /// Reads folded lines; `name` is what stands at the foot.
    ///
    /// # Errors
    /// A sentence with the line.
    pub fn read(name: &str, folded: &str) -> Result<Self, String> {
        let mut all: BTreeMap<[&str; 3], u64> = BTreeMap::new();
        for (number, line) in folded.lines().enumerate() {
            let wrong = || {
                format!(
                    "line {}: `part;package;function number` is wanted",
                    number + 1
                )
            };
            let (path, instructions) = line.rsplit_once(' ').ok_or_else(wrong)?;
            let instructions: u64 = instructions.parse().map_err(|_| wrong())?;
            let levels: Vec<&str> = path.split(';').collect();
            let levels = levels.try_into().map_err(|_| wrong())?;
            *all.entry(levels).or_default() += instructions;
        }
        if all.is_empty() {
            return Err("there are no lines".to_owned());
        }
        let paths: Vec<(&[&str], u64)> = all.iter().map(|(path, n)| (&path[..], *n)).collect();
        Ok(Self {
            root: Node::of(name, &paths),
        })
    }

    /// All instructions.
    pub fn total(&self) -> u64 {
        self.root.instructions
    }

    /// The parts with their instructions, largest first.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&str, u64)> {
        let parts = self.root.above.iter();
        parts.map(|part| (part.name.as_str(), part.instructions))
    }

    /// The picture. Each rectangle says what it is when it is pointed at.
    pub fn svg(&self) -> String {
        let height = TOP + 4.0 * ROW + MARGIN;
        let (title, total) = (escape::html(&self.root.name), self.total());
        let said: Vec<String> = self
            .parts()
            .map(|(part, n)| format!("{part}: {}", number::rounded(n as f64, 0)))
            .collect();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"11\">\n<title>{title}: instructions a request by part, package and function</title>\n<desc>{}</desc>\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#FFFFFF\"/>\n<text x=\"{MARGIN}\" y=\"28\" font-size=\"17\" font-weight=\"bold\" fill=\"#222222\">{title}: where the instructions of a request are</text>\n<text x=\"{MARGIN}\" y=\"46\" font-size=\"12\" fill=\"#5F5F5F\">user space · from the foot up: all, parts, packages, functions, each as wide as it executes instructions · no call stacks</text>\n",
            escape::html(&said.join("; "))
        );
        let foot = Place {
            left: MARGIN,
            width: WIDTH - 2.0 * MARGIN,
            level: 0,
            colour: "#E1E1E1",
        };
        self.root.draw(&mut svg, &foot, "", total);
        svg + "</svg>\n"
    }
}

/// Where a rectangle lies.
struct Place {
    left: f64,
    width: f64,
    level: usize,
    colour: &'static str,
}

impl Node {
    /// A tree from sorted paths.
    fn of(name: &str, paths: &[(&[&str], u64)]) -> Self {
        let same = |one: &(&[&str], u64), next: &(&[&str], u64)| one.0.first() == next.0.first();
        let mut above: Vec<Self> = (paths.chunk_by(same))
            .filter_map(|those| {
                let (first, _) = those[0].0.split_first()?;
                let rest: Vec<_> = those.iter().map(|(path, n)| (&path[1..], *n)).collect();
                Some(Self::of(first, &rest))
            })
            .collect();
        above.sort_by(|a, b| {
            (b.instructions.cmp(&a.instructions)).then_with(|| a.name.cmp(&b.name))
        });
        Self {
            name: name.to_owned(),
            instructions: paths.iter().map(|(_, n)| n).sum(),
            above,
        }
    }

    fn draw(&self, svg: &mut String, place: &Place, package: &str, total: u64) {
        if place.width < NARROWEST {
            return;
        }
        let y = TOP + (3 - place.level) as f64 * ROW;
        let share = 100.0 * self.instructions as f64 / total.max(1) as f64;
        let _ = writeln!(
            svg,
            "<g><title>{}: {} instructions, {share:.1} %</title><rect x=\"{:.2}\" y=\"{y}\" width=\"{:.2}\" height=\"{}\" fill=\"{}\"/>{}</g>",
            escape::html(&self.name),
            number::rounded(self.instructions as f64, 0),
            place.left,
            (place.width - 0.5).max(NARROWEST),
            ROW - 1.0,
            place.colour,
            self.label(place, package)
        );
        let mut left = place.left;
        for (i, node) in self.above.iter().enumerate() {
            let width = place.width * node.instructions as f64 / self.instructions.max(1) as f64;
            let above = Place {
                left,
                width,
                level: place.level + 1,
                colour: match place.level {
                    0 => COLOURS[i.min(COLOURS.len() - 1)],
                    _ => place.colour,
                },
            };
            node.draw(svg, &above, &self.name, total);
            left += width;
        }
    }

    /// Its name, as much of it as there is room for. A function goes without its package, which lies below it.
    fn label(&self, place: &Place, package: &str) -> String {
        let own = match place.level {
            3 => (self.name.strip_prefix(package))
                .and_then(|rest| rest.strip_prefix('.'))
                .unwrap_or(&self.name),
            _ => &self.name,
        };
        let room = ((place.width - 6.0) / LETTER).max(0.0) as usize;
        let words = match own.chars().count() <= room {
            true => own.to_owned(),
            // Fewer say nothing.
            false if room < 4 => return String::new(),
            false => own.chars().take(room - 1).chain(['…']).collect(),
        };
        format!(
            "<text x=\"{:.2}\" y=\"{}\" fill=\"#222222\">{}</text>",
            place.left + 3.0,
            TOP + (3 - place.level) as f64 * ROW + 15.0,
            escape::html(&words)
        )
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) const FOLDED: &str = "\
framework;github.com/x/y;github.com/x/y.(*Context).Next 300
memory and collector;runtime;runtime.mallocgc 600
framework;github.com/x/y;github.com/x/y.f[go.shape.<a>] 50
framework;github.com/x/z;github.com/x/z.g 50
";

    #[test]
    fn widths_are_shares_and_nothing_is_lost() {
        let flame = Flame::read("y, json", FOLDED).unwrap();
        assert_eq!(flame.total(), 1000);
        let parts: Vec<_> = flame.parts().collect();
        assert_eq!(parts, [("memory and collector", 600), ("framework", 400)]);
        let svg = flame.svg();
        let width = |name: &str| -> f64 {
            let at = svg.find(&format!("<title>{name}: ")).expect(name);
            let rest = svg[at..].split("width=\"").nth(1).unwrap();
            rest.split('"').next().unwrap().parse::<f64>().unwrap() + 0.5
        };
        let all = WIDTH - 2.0 * MARGIN;
        for (name, share) in [
            ("memory and collector", 0.6),
            ("runtime.mallocgc", 0.6),
            ("framework", 0.4),
            ("github.com/x/y", 0.35),
            ("github.com/x/y.(*Context).Next", 0.3),
        ] {
            assert!((width(name) - share * all).abs() < 0.02, "{name}");
        }
        assert!(svg.contains(">(*Context).Next</text>"), "{svg}");
        assert!(svg.contains("60.0 %"), "{svg}");
    }

    #[test]
    fn lines_in_another_order_give_the_same_bytes_and_names_end_no_element() {
        let flame = |text: &str| Flame::read("y, json", text).unwrap().svg();
        let mut lines: Vec<&str> = FOLDED.lines().collect();
        lines.reverse();
        assert_eq!(flame(FOLDED), flame(&lines.join("\n")));
        assert!(!flame(FOLDED).contains("<a>"));
        assert!(flame(FOLDED).contains("&lt;a&gt;"));
    }

    #[test]
    fn what_is_no_folded_line_is_told() {
        for text in ["a;b 3", "a;b;c", "a;b;c x", "a;b;c;d 3"] {
            let error = Flame::read("x", text).unwrap_err();
            assert!(error.starts_with("line 1"), "{text}: {error}");
        }
        assert!(Flame::read("x", "").is_err());
    }
}
