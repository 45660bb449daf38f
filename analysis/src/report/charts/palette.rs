//! One colour an engine, the same in every chart and table, told apart by colour-blind readers.
//!
//! What serves HTTP explains most of what differs, so that is what a colour says; a server has its
//! name beside it.

use std::collections::BTreeMap;

use plotters::style::RGBColor;
use record::CampaignFile;

/// Okabe and Ito's colours for the engines that are known.
const KNOWN: [(&str, RGBColor); 4] = [
    ("net/http", RGBColor(0, 114, 178)),
    ("fasthttp", RGBColor(213, 94, 0)),
    ("netpoll", RGBColor(0, 158, 115)),
    ("own", RGBColor(204, 121, 167)),
];

/// For others, some of Tol's muted ones.
const OTHERS: [RGBColor; 6] = [
    RGBColor(51, 34, 136),
    RGBColor(153, 153, 51),
    RGBColor(136, 34, 85),
    RGBColor(17, 119, 51),
    RGBColor(204, 102, 119),
    RGBColor(170, 68, 153),
];

/// Of whose engine nothing is known.
const UNKNOWN: RGBColor = RGBColor(85, 85, 85);

/// The colour of an engine, from its name alone.
pub(crate) fn of_engine(engine: &str) -> RGBColor {
    let known = KNOWN.iter().find(|(name, _)| *name == engine);
    known.map_or_else(
        || OTHERS[hash(engine) % OTHERS.len()],
        |(_, colour)| *colour,
    )
}

/// Colours by framework.
pub(crate) struct Palette(BTreeMap<String, String>);

impl Palette {
    pub(crate) fn new(campaign: &CampaignFile) -> Self {
        let engines = campaign.frameworks.iter();
        Self(
            engines
                .map(|f| (f.name.clone(), f.engine.clone()))
                .collect(),
        )
    }

    /// Of engines by framework.
    pub(crate) fn of_engines(engines: &BTreeMap<String, String>) -> Self {
        Self(engines.clone())
    }

    pub(crate) fn of(&self, framework: &str) -> RGBColor {
        self.0
            .get(framework)
            .map_or(UNKNOWN, |engine| of_engine(engine))
    }

    /// The engines of these frameworks, each once, with their colours.
    pub(crate) fn legend<'a>(
        &self,
        frameworks: impl Iterator<Item = &'a str>,
    ) -> Vec<(String, RGBColor)> {
        let engines: BTreeMap<&str, RGBColor> = frameworks
            .filter_map(|name| self.0.get(name))
            .map(|engine| (engine.as_str(), of_engine(engine)))
            .collect();
        let named = engines.into_iter();
        named
            .map(|(engine, colour)| (engine.to_owned(), colour))
            .collect()
    }
}

/// FNV-1a: the same on every machine and in every version.
fn hash(name: &str) -> usize {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash as usize
}
