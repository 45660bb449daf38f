//! A thin layer over plotters' SVG: fixed areas, whole pixels, a title and a description.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBAColor, RGBColor, ShapeStyle, TextStyle};

use crate::error::AnalysisError;
use crate::text::{escape, number};

pub(crate) const WIDTH: i32 = 860;
/// So many letters of a subtitle fit a line, two lines above the plot.
const LINE: usize = 135;
/// Where the plot begins and ends: names stand to the left of it, numbers to the right.
pub(crate) const LEFT: i32 = 190;
pub(crate) const RIGHT: i32 = 600;
/// Where the first row begins, below title and subtitle.
pub(crate) const TOP: i32 = 76;
/// The height of the axis below the last row.
pub(crate) const AXIS: i32 = 46;

pub(crate) const INK: RGBColor = RGBColor(34, 34, 34);
pub(crate) const FAINT: RGBColor = RGBColor(95, 95, 95);
pub(crate) const GRID: RGBColor = RGBColor(225, 225, 225);

/// Whether something was drawn.
pub(crate) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// What stands around a plot.
pub(crate) struct Frame<'a> {
    pub name: &'a str,
    pub title: &'a str,
    pub subtitle: &'a str,
    /// All of the chart's numbers in words, for those who cannot see it.
    pub description: &'a str,
    /// The height of all rows together.
    pub rows: i32,
    /// The largest value, and what the axis is called; where that is empty, none is drawn.
    pub most: f64,
    pub axis: &'a str,
    /// What the colours mean.
    pub legend: Vec<(String, RGBColor)>,
}

/// Where on a text its position lies.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// The plot's pixels and scale.
pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    most: f64,
}

/// Draws frame and axis, then what `plot` adds, and returns the file.
pub(crate) fn draw(
    frame: &Frame<'_>,
    plot: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<String, AnalysisError> {
    let height = TOP + frame.rows + AXIS;
    let mut svg = String::new();
    {
        let area =
            SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
        let canvas = Canvas {
            area,
            most: axis_end(frame.most),
        };
        canvas
            .frame(frame)
            .and_then(|()| plot(&canvas))
            .and_then(|()| canvas.area.present())
            .map_err(|e| AnalysisError::Chart {
                name: frame.name.to_owned(),
                problem: e.to_string(),
            })?;
    }
    let words = format!(
        " role=\"img\">\n<title>{}</title>\n<desc>{}</desc>",
        escaped(frame.title),
        escaped(frame.description)
    );
    Ok(svg.replacen('>', &words, 1))
}

/// A little beyond the largest value, so that no whisker touches the numbers.
fn axis_end(most: f64) -> f64 {
    if most.is_finite() && most > 0.0 {
        most * 1.04
    } else {
        1.0
    }
}

/// A subtitle in lines that fit the picture, parted between its remarks.
fn lines(subtitle: &str) -> Vec<String> {
    const BETWEEN: &str = " · ";
    let mut lines: Vec<String> = Vec::new();
    for remark in subtitle.split(BETWEEN) {
        let length = remark.chars().count();
        match lines.last_mut() {
            Some(line) if line.chars().count() + BETWEEN.len() + length <= LINE => {
                *line += BETWEEN;
                *line += remark;
            }
            _ => lines.push(remark.to_owned()),
        }
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

impl Canvas<'_> {
    fn frame(&self, frame: &Frame<'_>) -> Drawn {
        self.area.fill(&RGBColor(255, 255, 255))?;
        self.bold((16, 24), frame.title, 17, INK)?;
        for (i, line) in lines(frame.subtitle).iter().enumerate() {
            let y = 46 + 15 * i as i32;
            self.text((16, y), line, 12, FAINT, Anchor::Start)?;
        }
        let mut x = WIDTH - 16;
        for (name, colour) in frame.legend.iter().rev() {
            self.text((x, 24), &escape::plain(name), 11, FAINT, Anchor::End)?;
            x -= 6 * name.chars().count() as i32 + 14;
            self.rectangle([(x, 19), (x + 10, 29)], colour.mix(0.85))?;
            x -= 10;
        }
        if frame.axis.is_empty() {
            return Ok(());
        }
        let bottom = TOP + frame.rows;
        let ticks = RangedCoordf64::from(0.0..self.most).key_points(BoldPoints(6));
        let step = ticks.get(1).copied().unwrap_or(1.0);
        let digits = if step >= 1.0 {
            0
        } else {
            step.log10().floor() as i32
        };
        for tick in ticks {
            let x = self.x(tick);
            self.line(&[(x, TOP), (x, bottom)], GRID, 1)?;
            let text = number::rounded(tick, digits);
            self.text((x, bottom + 14), &text, 11, FAINT, Anchor::Middle)?;
        }
        self.text(
            ((LEFT + RIGHT) / 2, bottom + 33),
            frame.axis,
            12,
            FAINT,
            Anchor::Middle,
        )
    }

    /// The pixel of a value.
    pub(crate) fn x(&self, value: f64) -> i32 {
        let share = (value / self.most).clamp(0.0, 1.0);
        LEFT + (share * f64::from(RIGHT - LEFT)).round() as i32
    }

    pub(crate) fn text(
        &self,
        at: (i32, i32),
        text: &str,
        size: u32,
        colour: RGBColor,
        anchor: Anchor,
    ) -> Drawn {
        self.write(at, text, size, colour, anchor, FontStyle::Normal)
    }

    pub(crate) fn bold(&self, at: (i32, i32), text: &str, size: u32, colour: RGBColor) -> Drawn {
        self.write(at, text, size, colour, Anchor::Start, FontStyle::Bold)
    }

    fn write(
        &self,
        at: (i32, i32),
        text: &str,
        size: u32,
        colour: RGBColor,
        anchor: Anchor,
        style: FontStyle,
    ) -> Drawn {
        let h = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        // plotters divides the size by this on the way out.
        let size = f64::from(size) * 1.24;
        let style = TextStyle::from(("sans-serif", size).into_font().style(style))
            .color(&colour)
            .pos(Pos::new(h, VPos::Center));
        self.area.draw_text(text, &style, at)
    }

    pub(crate) fn line(&self, points: &[(i32, i32)], colour: RGBColor, width: u32) -> Drawn {
        let style = ShapeStyle::from(colour).stroke_width(width);
        self.area.draw(&PathElement::new(points.to_vec(), style))
    }

    pub(crate) fn rectangle(&self, corners: [(i32, i32); 2], colour: RGBAColor) -> Drawn {
        self.area.draw(&Rectangle::new(corners, colour.filled()))
    }

    pub(crate) fn area(&self, corners: Vec<(i32, i32)>, colour: RGBAColor) -> Drawn {
        self.area.draw(&Polygon::new(corners, colour.filled()))
    }

    pub(crate) fn outline(&self, corners: [(i32, i32); 2], colour: RGBColor) -> Drawn {
        let style = ShapeStyle::from(colour).stroke_width(2);
        self.area.draw(&Rectangle::new(corners, style))
    }

    pub(crate) fn dot(&self, at: (i32, i32), radius: i32, colour: RGBAColor) -> Drawn {
        self.area.draw(&Circle::new(at, radius, colour.filled()))
    }

    /// A dot that is not filled.
    pub(crate) fn ring(&self, at: (i32, i32), radius: i32, colour: RGBColor) -> Drawn {
        let style = ShapeStyle::from(colour).stroke_width(1);
        self.area.draw(&Circle::new(at, radius, style))
    }

    /// A line with caps from one value to another.
    pub(crate) fn whisker(&self, low: f64, high: f64, y: i32) -> Drawn {
        let (low, high) = (self.x(low), self.x(high));
        self.line(&[(low, y), (high, y)], INK, 2)?;
        for x in [low, high] {
            self.line(&[(x, y - 5), (x, y + 5)], INK, 2)?;
        }
        Ok(())
    }

    /// An arrow head: the true value lies this way.
    pub(crate) fn arrow(&self, x: i32, y: i32) -> Drawn {
        let points = vec![(x + 3, y - 6), (x + 12, y), (x + 3, y + 6)];
        self.area.draw(&Polygon::new(points, INK.filled()))
    }

    /// The line above the first control.
    pub(crate) fn separator(&self, y: i32) -> Drawn {
        self.line(&[(16, y), (WIDTH - 16, y)], FAINT, 1)
    }
}
