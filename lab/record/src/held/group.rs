//! Groups of rows: what each can hold, and which there were.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::cast::{Place, Series};
use crate::bounds::{MOST_BLOCKS, MOST_LAUNCHES};
use crate::course::Repeat;
use crate::scan::{BadField, Row};

/// The most windows in a row.
const MOST_WINDOWS: u32 = 10_000_000;

/// The groups of a table so far.
pub(super) struct Groups {
    collected: bool,
    repeats: BTreeSet<u32>,
    open: Option<Open>,
    names: HashSet<String>,
    /// Whether rows of several blocks are together, as in older collected campaigns.
    mixed: bool,
    /// The blocks under load that have ended, with the scenario and mode of each that has rows.
    pub blocks: BTreeMap<u32, Option<(u16, u16)>>,
    /// Rounds of cold starts.
    pub starts: u32,
    /// Launches with the memory before their first block.
    pub idle: u32,
    /// Launches with the memory behind their last block.
    pub memory: u32,
    /// Launches of two servers at a time.
    pub duets: u32,
}

/// What the open group is, from its first row.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Open {
    part: Part,
    launch: u32,
    /// Where that tells the group from others of its launch.
    block: u32,
    cell: Option<(u16, u16)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Build,
    Starts,
    Idle,
    Memory,
    Block,
    Duet,
}

impl Groups {
    pub fn new(collected: bool, repeats: &[Repeat]) -> Self {
        Self {
            collected,
            repeats: repeats.iter().map(|r| r.block).collect(),
            open: None,
            names: HashSet::new(),
            mixed: false,
            blocks: BTreeMap::new(),
            starts: 0,
            idle: 0,
            memory: 0,
            duets: 0,
        }
    }

    /// The planned blocks that are there.
    pub fn planned_blocks(&self) -> u32 {
        let blocks = self.blocks.keys();
        blocks.filter(|block| !self.repeats.contains(block)).count() as u32
    }

    /// The blocks in the place of others that are there.
    pub fn repeated_blocks(&self) -> u32 {
        self.blocks.len() as u32 - self.planned_blocks()
    }

    /// Whether groups of other kinds than blocks were told apart.
    pub fn is_mixed(&self) -> bool {
        self.mixed
    }

    /// A row of the open group.
    pub fn row(&mut self, series: &Series, row: &Row<'_>) -> Result<(), BadField> {
        let bad = |column, problem| Err(BadField { column, problem });
        let outside = matches!(series.place, Place::Size | Place::Start);
        if outside != (row.launch == 0) || row.launch > MOST_LAUNCHES {
            return bad(
                "launch",
                format!("`{}` can be no launch of {series}", row.launch),
            );
        }
        let (part, block, cell) = match series.place {
            Place::Size => (Part::Build, 0, None),
            Place::Start => (Part::Starts, row.block, None),
            Place::Idle => (Part::Idle, 0, None),
            Place::Memory => (Part::Memory, 0, None),
            Place::Reference => (Part::Block, row.block, None),
            Place::Load(scenario, mode) => (Part::Block, row.block, Some((scenario, mode))),
            Place::Duet => (Part::Duet, row.block, None),
        };
        let needs_block = matches!(part, Part::Starts | Part::Block | Part::Duet);
        if row.block > MOST_BLOCKS || (needs_block && row.block == 0) {
            return bad(
                "block",
                format!("`{}` can be no block of {series}", row.block),
            );
        }
        if row.window > MOST_WINDOWS {
            return bad(
                "window",
                format!("`{}` can be no window of {series}", row.window),
            );
        }
        let this = Open {
            part,
            launch: row.launch,
            block,
            cell,
        };
        let Some(open) = &mut self.open else {
            self.open = Some(this);
            self.enter_mixed(&this);
            return Ok(());
        };
        if *open == this {
            return Ok(());
        }
        let same = (open.part, open.launch, open.block) == (part, row.launch, block);
        if same && (open.cell.is_none() || cell.is_none()) {
            open.cell = open.cell.or(cell);
            return Ok(());
        }
        if self.collected {
            self.mixed = true;
            *open = this;
            self.enter_mixed(&this);
            return Ok(());
        }
        bad(
            "block",
            format!(
                "{series} in block {} of launch {} does not belong to the group of the rows before it",
                row.block, row.launch
            ),
        )
    }

    /// Older collected campaigns have one group for many blocks.
    fn enter_mixed(&mut self, this: &Open) {
        if self.collected && this.part == Part::Block {
            let cell = self.blocks.entry(this.block).or_default();
            *cell = cell.or(this.cell);
        }
    }

    /// The end of the open group.
    pub fn end(&mut self, name: &str) -> Result<(), BadField> {
        let open = self.open.take();
        // The build of every repetition is one.
        let again = self.collected && name == "build";
        if !self.names.insert(name.to_owned()) && !again {
            return Err(BadField::line(format!("a second group `{name}` ends here")));
        }
        let words: Vec<&str> = name.split(' ').collect();
        let number = |text: &str| {
            let number = text.parse::<u32>().ok()?;
            (number.to_string() == text).then_some(number)
        };
        let numbered = |i: usize| words.get(i).and_then(|text| number(text));
        let (part, number) = match (&words[..], numbered(1)) {
            (["build"], _) => (Part::Build, 0),
            (["starts", _], Some(n)) => (Part::Starts, n),
            (["launch", _, "idle"], Some(n)) => (Part::Idle, n),
            (["launch", _, "memory"], Some(n)) => (Part::Memory, n),
            (["block", _], Some(n)) => (Part::Block, n),
            (["duet", _], Some(n)) => (Part::Duet, n),
            (["repetition", _], Some(_)) if self.collected => {
                self.mixed = true;
                return Ok(());
            }
            _ => {
                return Err(BadField::line(format!(
                    "`{}` is no group that the lab writes",
                    name.escape_debug()
                )));
            }
        };
        let holds = |open: Open| {
            open.part == part
                && match part {
                    Part::Build | Part::Duet => true,
                    Part::Starts | Part::Block => open.block == number,
                    Part::Idle | Part::Memory => open.launch == number,
                }
        };
        if !open.is_none_or(holds) {
            return Err(BadField::line(format!(
                "the rows before the end of group `{name}` are of another one"
            )));
        }
        match part {
            Part::Build => {}
            Part::Starts => self.starts += 1,
            Part::Idle => self.idle += 1,
            Part::Memory => self.memory += 1,
            Part::Block => drop(self.blocks.insert(number, open.and_then(|o| o.cell))),
            Part::Duet => self.duets += 1,
        }
        Ok(())
    }
}
