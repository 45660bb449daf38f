//! Where field values come from. They are drawn when the pool is rendered, never in the load.

use crate::spec::{Field, Order, SpecError};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// A checked field.
#[derive(Clone, Debug)]
pub enum Source {
    Random {
        min: u64,
        max: u64,
    },
    Sequential {
        start: u64,
    },
    /// Cumulative weights of the values 0, 1, ...
    Zipf(Vec<f64>),
    Tokens {
        values: Vec<String>,
        order: Order,
    },
}

/// Largest Zipf table: 80 MB of cumulative weights.
const MAX_ZIPF: u64 = 10_000_000;

impl Source {
    /// Checks the field called `name` and reads its file where it has one.
    pub fn new(name: &str, field: &Field) -> Result<Self, SpecError> {
        let wrong = |problem: String| SpecError::new(format!("fields.{name}"), problem);
        match field {
            Field::Random { min, max } if min > max => {
                Err(wrong(format!("has min {min} above max {max}")))
            }
            Field::Random { min, max } => Ok(Self::Random {
                min: *min,
                max: *max,
            }),
            Field::Sequential { start } => Ok(Self::Sequential { start: *start }),
            Field::Zipf { n, exponent } => {
                if !(1..=MAX_ZIPF).contains(n) || !(0.0..=10.0).contains(exponent) {
                    return Err(wrong(format!(
                        "has n {n} and exponent {exponent}; allowed are 1 to {MAX_ZIPF} and 0 to 10"
                    )));
                }
                let mut sum = 0.0;
                let weight = |k: u64| (k as f64).powf(-exponent);
                Ok(Self::Zipf(
                    (1..=*n)
                        .map(|k| {
                            sum += weight(k);
                            sum
                        })
                        .collect(),
                ))
            }
            Field::Tokens {
                values,
                file,
                order,
            } => {
                let values = match file {
                    Some(_) if !values.is_empty() => {
                        return Err(wrong("has both values and a file; give one".into()));
                    }
                    Some(path) => std::fs::read_to_string(path)
                        .map_err(|error| wrong(format!("cannot read {}: {error}", path.display())))?
                        .lines()
                        .filter(|line| !line.is_empty())
                        .map(str::to_string)
                        .collect(),
                    None => values.clone(),
                };
                if values.is_empty() {
                    return Err(wrong(
                        "has no values; list some, or name a file with one a line".into(),
                    ));
                }
                if values.iter().any(|value| value.contains(['\r', '\n'])) {
                    return Err(wrong(
                        "has a line break in a value, which would split a header".into(),
                    ));
                }
                Ok(Self::Tokens {
                    values,
                    order: *order,
                })
            }
        }
    }

    /// The value for the request at `index` of the pool.
    pub fn draw(&self, index: u64, rng: &mut ChaCha8Rng) -> String {
        match self {
            Self::Random { min, max } => rng.random_range(*min..=*max).to_string(),
            Self::Sequential { start } => start.wrapping_add(index).to_string(),
            Self::Zipf(sums) => {
                let total = *sums.last().expect("checked to have a value");
                let at: f64 = rng.random::<f64>() * total;
                sums.partition_point(|sum| *sum <= at)
                    .min(sums.len() - 1)
                    .to_string()
            }
            Self::Tokens {
                values,
                order: Order::Random,
            } => values[rng.random_range(0..values.len())].clone(),
            Self::Tokens {
                values,
                order: Order::Sequential,
            } => values[(index % values.len() as u64) as usize].clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn zipf_follows_its_law() {
        let source = Source::new(
            "z",
            &Field::Zipf {
                n: 100,
                exponent: 1.0,
            },
        )
        .unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut seen = [0u32; 100];
        for i in 0..100_000 {
            seen[source.draw(i, &mut rng).parse::<usize>().unwrap()] += 1;
        }
        // 1/H(100) = 0.1928; value k is drawn 1/(k+1) as often as value 0.
        assert!((18_300..20_300).contains(&seen[0]), "{}", seen[0]);
        assert!((1_600..2_300).contains(&seen[9]), "{}", seen[9]);
    }

    #[test]
    fn sequences_and_lists_go_in_turn() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let count = Source::new("n", &Field::Sequential { start: 5 }).unwrap();
        assert_eq!(count.draw(3, &mut rng), "8");
        let list = Field::Tokens {
            values: vec!["a".into(), "b".into()],
            file: None,
            order: Order::Sequential,
        };
        let list = Source::new("t", &list).unwrap();
        assert_eq!(
            (list.draw(0, &mut rng), list.draw(3, &mut rng)),
            ("a".into(), "b".into())
        );
    }
}
