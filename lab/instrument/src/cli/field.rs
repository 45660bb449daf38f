//! `--field NAME=KIND`.

use load::{Field, Order};

/// Reads one field, as in `id=random:1:1000`.
pub fn parse(text: &str) -> Result<(String, Field), String> {
    let wrong = || {
        format!(
            "the field {text:?} is none of NAME=random:MIN:MAX, NAME=seq[:START], \
             NAME=zipf:N:EXPONENT, NAME=list:A,B,C and NAME=file:PATH"
        )
    };
    let (name, kind) = text.split_once('=').ok_or_else(wrong)?;
    let (kind, rest) = kind.split_once(':').unwrap_or((kind, ""));
    let pair = || rest.split_once(':').ok_or_else(wrong);
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    let field = match kind {
        "random" => {
            let (min, max) = pair()?;
            Field::Random {
                min: number(min)?,
                max: number(max)?,
            }
        }
        "seq" if rest.is_empty() => Field::Sequential { start: 0 },
        "seq" => Field::Sequential {
            start: number(rest)?,
        },
        "zipf" => {
            let (n, exponent) = pair()?;
            Field::Zipf {
                n: number(n)?,
                exponent: exponent.parse().map_err(|_| wrong())?,
            }
        }
        "list" => Field::Tokens {
            values: rest.split(',').map(str::to_string).collect(),
            file: None,
            order: Order::Random,
        },
        "file" => Field::Tokens {
            values: Vec::new(),
            file: Some(rest.into()),
            order: Order::Random,
        },
        _ => return Err(wrong()),
    };
    Ok((name.to_string(), field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_or_explained() {
        assert_eq!(
            parse("id=random:1:9").unwrap(),
            ("id".into(), Field::Random { min: 1, max: 9 })
        );
        assert_eq!(parse("n=seq").unwrap().1, Field::Sequential { start: 0 });
        assert_eq!(
            parse("z=zipf:10:1.5").unwrap().1,
            Field::Zipf {
                n: 10,
                exponent: 1.5
            }
        );
        for odd in ["id", "id=", "id=random:1", "id=random:a:b", "id=uuid"] {
            assert!(
                parse(odd).unwrap_err().contains("NAME=random:MIN:MAX"),
                "{odd}"
            );
        }
    }
}
