//! One colour a framework, the same in every chart, told apart by colour-blind readers.

use std::collections::BTreeMap;

use plotters::style::RGBColor;
use record::CampaignFile;

/// Okabe and Ito's colours without yellow and black, then some of Tol's muted ones.
const COLOURS: [RGBColor; 12] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(51, 34, 136),
    RGBColor(153, 153, 51),
    RGBColor(136, 34, 85),
    RGBColor(17, 119, 51),
    RGBColor(204, 102, 119),
    RGBColor(170, 68, 153),
];

/// The baseline's own.
const BASELINE: RGBColor = RGBColor(85, 85, 85);

/// Colours by framework.
pub(crate) struct Palette(BTreeMap<String, RGBColor>);

impl Palette {
    /// A framework's colour comes from its name, so that it is mostly the same in all campaigns;
    /// two that would share one get the next free, in the order of their names.
    pub(crate) fn new(campaign: &CampaignFile) -> Self {
        let names = campaign.frameworks.iter().map(|f| f.name.as_str());
        Self::of_names(names, &campaign.design.baseline)
    }

    /// As [`Self::new`], of names alone.
    pub(crate) fn of_names<'a>(names: impl Iterator<Item = &'a str>, baseline: &str) -> Self {
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        let mut taken = [false; COLOURS.len()];
        let mut colours = BTreeMap::new();
        for name in names {
            if name == baseline {
                colours.insert(name.to_owned(), BASELINE);
                continue;
            }
            if taken.iter().all(|t| *t) {
                taken = [false; COLOURS.len()];
            }
            let wanted = hash(name) % COLOURS.len();
            let free = (0..COLOURS.len())
                .map(|i| (wanted + i) % COLOURS.len())
                .find(|i| !taken[*i])
                .unwrap_or(wanted);
            taken[free] = true;
            colours.insert(name.to_owned(), COLOURS[free]);
        }
        Self(colours)
    }

    pub(crate) fn of(&self, framework: &str) -> RGBColor {
        self.0.get(framework).copied().unwrap_or(BASELINE)
    }
}

/// FNV-1a: the same on every machine and in every version.
fn hash(name: &str) -> usize {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash as usize
}
